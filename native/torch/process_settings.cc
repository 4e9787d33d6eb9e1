#include "torch/process_settings.h"

#include <ATen/Parallel.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <mutex>

namespace tandem::torchscript {
namespace {

template <typename Value, typename Set>
void SettleOne(std::optional<Value>& settled, const std::optional<Value>& wanted, Set set) {
  if (settled || !wanted) return;
  set(*wanted);
  settled = wanted;
}

void SetInterOpThreads(int count) {
  try {
    at::set_num_interop_threads(count);
  } catch (const c10::Error&) {
    // The threads run already: what is in effect is returned.
  }
}

}  // namespace

ProcessSettings Settle(const ProcessSettings& wanted) {
  static std::mutex& mutex = *new std::mutex;
  static ProcessSettings settled;
  const std::lock_guard lock(mutex);
  SettleOne(settled.inter_op_threads, wanted.inter_op_threads, SetInterOpThreads);
  SettleOne(settled.jit_executor, wanted.jit_executor, [](bool on) { torch::jit::getExecutorMode() = on; });
  SettleOne(settled.jit_profiling, wanted.jit_profiling, [](bool on) { torch::jit::getProfilingMode() = on; });
  SettleOne(settled.tensor_fuser, wanted.tensor_fuser, torch::jit::setTensorExprFuserEnabled);
  return {at::get_num_interop_threads(), torch::jit::getExecutorMode(), torch::jit::getProfilingMode(),
          torch::jit::tensorExprFuserEnabled()};
}

}  // namespace tandem::torchscript
