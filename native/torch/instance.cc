#include "torch/instance.h"

#include <torch/csrc/jit/api/module.h>

#include <numeric>
#include <utility>

#include "core/session_runner.h"
#include "torch/failure.h"
#include "torch/result.h"
#include "torch/runtime.h"
#include "torch/threads.h"
#include "torch/values.h"

namespace tandem::torchscript {
namespace {

// libtorch watches the first run of a module, specialises it in the second, and runs that in the third.
constexpr int kWarmUpRuns = 3;

class Instance final : public Session {
 public:
  Instance(const LoadedModule& loaded, const torch::jit::Module& module, const ModelOptions& model,
           const InstanceOptions& options)
      : module_(module),
        forward_(module_.get_method("forward")),
        model_(model),
        options_(options),
        device_(loaded.device().empty() ? c10::Device(c10::kCPU) : c10::Device(loaded.device())),
        // A module that places itself may use the accelerator.
        cache_(loaded.device().empty() && CudaDeviceCount() > 0 ? c10::Device(c10::kCUDA) : device_),
        lending_(!loaded.writes_inputs()),
        argument_count_(loaded.signature().arguments.size()) {}

  void EnterThread() override {
    UseThreads(options_.threads);
    if (options_.warm_up == nullptr) return;
    std::vector<std::uint32_t> outputs(model_.outputs.size());
    std::iota(outputs.begin(), outputs.end(), 0);
    for (const Sample& sample : *options_.warm_up) {
      try {
        for (int run = 0; run < kWarmUpRuns; ++run) RunSample(*this, outputs, sample);
      } catch (const Error&) {
        // It is made up: that the model refuses it says nothing of its requests.
      }
    }
    options_.warm_up = nullptr;
  }

  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                Phases& phases, const std::shared_ptr<Loan>& loan) override {
    return Translated(Code::kInternal, "PyTorch execute failure: ", [&] {
      const ExecutionGuards guards(model_.execution);
      std::unique_lock<std::mutex> turn;
      if (options_.turns != nullptr) turn = std::unique_lock(*options_.turns);
      c10::IValue result;
      {
        std::vector<c10::IValue> arguments = Arguments(inputs, loan);
        phases.inputs_ready = NowNanos();
        result = forward_(std::move(arguments));
      }
      phases.outputs_start = NowNanos();
      std::vector<c10::IValue> selected = Selected(result, outputs);
      result = {};  // so that a tensor's owner is the only one left
      std::vector<OutputTensor> converted;
      converted.reserve(selected.size());
      for (std::size_t i = 0; i < selected.size(); ++i) {
        converted.push_back(FromValue(std::move(selected[i]), model_.outputs[outputs[i]].spec, *loan));
        selected[i] = {};
      }
      if (model_.execution.cache_cleaning) CleanCache(cache_);
      lending_.Observe(*loan);
      return converted;
    });
  }

 private:
  std::vector<c10::IValue> Selected(const c10::IValue& result, std::span<const std::uint32_t> outputs) const {
    const std::vector<ResultLeaf> leaves = LeavesOf(result);
    std::vector<c10::IValue> selected;
    for (const std::uint32_t position : outputs) {
      selected.push_back(Select(leaves, model_.outputs[position], model_.signature));
    }
    return selected;
  }

  std::vector<c10::IValue> Arguments(std::span<const GatheredInput> inputs, const std::shared_ptr<Loan>& loan) const {
    std::vector<c10::IValue> arguments(argument_count_);
    c10::Dict<std::string, at::Tensor> dictionary;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const InputBinding& binding = model_.inputs[i];
      c10::IValue value = ToValue(inputs[i], device_, lending_.mode(), loan);
      if (binding.key.empty()) {
        arguments[binding.argument] = std::move(value);
      } else if (inputs[i].present) {
        dictionary.insert(binding.key, value.toTensor());
      }
    }
    if (!model_.inputs.empty() && !model_.inputs.front().key.empty()) arguments.front() = dictionary;
    return arguments;
  }

  torch::jit::Module module_;
  torch::jit::Method forward_;
  const ModelOptions model_;
  InstanceOptions options_;
  const c10::Device device_;
  const c10::Device cache_;
  Lending lending_;
  const std::size_t argument_count_;
};

}  // namespace

std::unique_ptr<Session> MakeInstance(const LoadedModule& loaded, const torch::jit::Module& module,
                                      const ModelOptions& model, const InstanceOptions& options) {
  return Translated(Code::kInvalidArgument, "",
                    [&] { return std::make_unique<Instance>(loaded, module, model, options); });
}

}  // namespace tandem::torchscript
