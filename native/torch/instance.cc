#include "torch/instance.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>

#include <utility>

#include "torch/failure.h"
#include "torch/result.h"
#include "torch/values.h"

namespace tandem::torchscript {
namespace {

class Instance final : public Session {
 public:
  Instance(const LoadedModule& module, const ModelOptions& options)
      : module_(module.ForInstance()),
        forward_(module_.get_method("forward")),
        options_(options),
        device_(module.device().empty() ? c10::Device(c10::kCPU) : c10::Device(module.device())),
        lending_(!module.writes_inputs()),
        argument_count_(module.signature().arguments.size()) {}

  void EnterThread() override {
    if (options_.threads == 0) return;
    // The number belongs to the calling thread; asking for it first lets libtorch do its own, lazy, setting now.
    at::get_num_threads();
    at::set_num_threads(options_.threads);
  }

  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                Phases& phases, const std::shared_ptr<Loan>& loan) override {
    return Translated(Code::kInternal, "PyTorch execute failure: ", [&] {
      const c10::InferenceMode inference;
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
        converted.push_back(FromValue(std::move(selected[i]), options_.outputs[outputs[i]].spec, *loan));
        selected[i] = {};
      }
      lending_.Observe(*loan);
      return converted;
    });
  }

 private:
  std::vector<c10::IValue> Selected(const c10::IValue& result, std::span<const std::uint32_t> outputs) const {
    const std::vector<ResultLeaf> leaves = LeavesOf(result);
    std::vector<c10::IValue> selected;
    for (const std::uint32_t position : outputs) {
      selected.push_back(Select(leaves, options_.outputs[position], options_.signature));
    }
    return selected;
  }

  std::vector<c10::IValue> Arguments(std::span<const GatheredInput> inputs, const std::shared_ptr<Loan>& loan) const {
    std::vector<c10::IValue> arguments(argument_count_);
    c10::Dict<std::string, at::Tensor> dictionary;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const InputBinding& binding = options_.inputs[i];
      c10::IValue value = ToValue(inputs[i], device_, lending_.mode(), loan);
      if (binding.key.empty()) {
        arguments[binding.argument] = std::move(value);
      } else if (inputs[i].present) {
        dictionary.insert(binding.key, value.toTensor());
      }
    }
    if (!options_.inputs.empty() && !options_.inputs.front().key.empty()) arguments.front() = dictionary;
    return arguments;
  }

  torch::jit::Module module_;
  torch::jit::Method forward_;
  const ModelOptions options_;
  const c10::Device device_;
  Lending lending_;
  const std::size_t argument_count_;
};

}  // namespace

std::unique_ptr<Session> MakeInstance(const LoadedModule& module, const ModelOptions& options) {
  return Translated(Code::kInvalidArgument, "", [&] { return std::make_unique<Instance>(module, options); });
}

}  // namespace tandem::torchscript
