#pragma once

#include <ATen/core/grad_mode.h>
#include <c10/core/Device.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <optional>

namespace tandem::torchscript {

// How a model's calls run, by its parameters: src/config/torch-parameters.ts.
struct ExecutionSettings {
  bool inference_mode = true;  // else gradients are off, but tensors are ordinary ones
  bool optimized_execution = true;
  bool cudnn = true;
  bool cache_cleaning = false;
};

// While any of these lives, no call in the process uses cuDNN: libtorch has one switch for all threads. The last one
// puts it back to what it was.
class WithoutCudnn {
 public:
  WithoutCudnn();
  ~WithoutCudnn();
  WithoutCudnn(const WithoutCudnn&) = delete;
  WithoutCudnn& operator=(const WithoutCudnn&) = delete;
};

// Makes the settings hold on this thread until its end.
class ExecutionGuards {
 public:
  explicit ExecutionGuards(const ExecutionSettings& settings)
      : inference_(settings.inference_mode), optimizer_(settings.optimized_execution) {
    if (!settings.cudnn) without_cudnn_.emplace();
  }

 private:
  const c10::InferenceMode inference_;
  const at::NoGradGuard no_grad_;  // behind `inference_`, which turns gradients on where it is off itself
  const torch::jit::GraphOptimizerEnabledGuard optimizer_;
  std::optional<WithoutCudnn> without_cudnn_;
};

// Gives the memory that libtorch keeps for later tensors on the device back to it, after a call with
// `cache_cleaning`. The CPU keeps none.
void CleanCache(const c10::Device& device);

}  // namespace tandem::torchscript
