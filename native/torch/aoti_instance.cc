#include "torch/aoti_instance.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <map>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/lending.h"
#include "torch/data_type.h"
#include "torch/failure.h"
#include "torch/threads.h"
#include "torch/values.h"

namespace tandem::aotinductor {
namespace {

using torchscript::Translated;

constexpr const char* kFailure = "PyTorch execute failure: ";

struct SeenDimension {
  const InputBinding* input;
  std::size_t dimension;
  std::int64_t value;
};

std::string Describe(const InputBinding& input, std::size_t dimension, std::int64_t value) {
  return "dimension " + std::to_string(dimension) + " of input '" + input.spec.name + "' is " + std::to_string(value);
}

// Throws kInvalidArgument for shapes that the package was not compiled for.
void CheckShapes(const std::vector<InputBinding>& bindings, std::span<const GatheredInput> inputs) {
  std::map<std::int64_t, SeenDimension> symbols;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const InputBinding& binding = bindings[i];
    const Shape& shape = inputs[i].shape;
    if (!binding.known_dims) continue;
    if (shape.size() != binding.dims.size()) {
      throw Error(Code::kInvalidArgument, "input '" + binding.spec.name + "' has shape " + ToString(shape) +
                                              ", the package takes " + std::to_string(binding.dims.size()) +
                                              " dimensions");
    }
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const std::int64_t wanted = binding.dims[d];
      if (wanted >= 0) {
        if (shape[d] == wanted) continue;
        throw Error(Code::kInvalidArgument,
                    Describe(binding, d, shape[d]) + ", the package takes " + std::to_string(wanted));
      }
      const auto [known, is_new] = symbols.try_emplace(wanted, SeenDimension{&binding, d, shape[d]});
      const SeenDimension& first = known->second;
      if (is_new || first.value == shape[d]) continue;
      throw Error(Code::kInvalidArgument, Describe(binding, d, shape[d]) + " and " +
                                              Describe(*first.input, first.dimension, first.value) +
                                              ", the package takes the same");
    }
  }
}

class Instance final : public Session {
 public:
  Instance(std::shared_ptr<Package> package, const ModelOptions& options)
      : package_(std::move(package)),
        options_(options),
        device_(package_->device()),
        lending_(!options.writes_inputs) {}

  void EnterThread() override { torchscript::UseThreads(options_.threads); }

  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                Phases& phases, const std::shared_ptr<Loan>& loan) override {
    CheckShapes(options_.inputs, inputs);
    return Translated(Code::kInternal, kFailure, [&] {
      const torchscript::ExecutionGuards guards(options_.settings);
      std::vector<at::Tensor> arguments(inputs.size());
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const InputBinding& binding = options_.inputs[i];
        arguments[binding.leaf] = torchscript::ToValue(inputs[i], device_, lending_.mode(), loan).toTensor();
      }
      phases.inputs_ready = NowNanos();
      std::vector<at::Tensor> results = package_->Run(std::move(arguments));
      phases.outputs_start = NowNanos();
      std::vector<OutputTensor> converted;
      converted.reserve(outputs.size());
      for (const std::uint32_t position : outputs) {
        const OutputBinding& binding = options_.outputs[position];
        if (binding.leaf >= results.size()) RefuseLeaf(binding, results.size());
        converted.push_back(torchscript::FromValue(std::move(results[binding.leaf]), binding.spec, *loan));
      }
      results.clear();
      lending_.Observe(*loan);
      if (options_.settings.cache_cleaning) torchscript::CleanCache(device_);
      return converted;
    });
  }

 private:
  [[noreturn]] static void RefuseLeaf(const OutputBinding& binding, std::size_t count) {
    throw Error(Code::kInvalidArgument, "output '" + binding.spec.name + "' is number " + std::to_string(binding.leaf) +
                                            " of the results, and the package gives " + std::to_string(count) +
                                            " tensors");
  }

  const std::shared_ptr<Package> package_;
  const ModelOptions options_;
  const c10::Device device_;
  Lending lending_;
};

}  // namespace

std::unique_ptr<Session> MakeInstance(std::shared_ptr<Package> package, const ModelOptions& options) {
  return Translated(Code::kInvalidArgument, "",
                    [&] { return std::make_unique<Instance>(std::move(package), options); });
}

std::vector<TensorSpec> TryOut(Package& package, const std::vector<InputBinding>& inputs) {
  return Translated(Code::kInternal, kFailure, [&] {
    const c10::InferenceMode inference;
    std::vector<at::Tensor> arguments(inputs.size());
    for (const InputBinding& input : inputs) {
      const auto type = torchscript::ToTorch(input.spec.type).value();
      const at::Tensor values = c10::isFloatingType(type)
                                    ? at::rand(input.spec.shape).to(type)
                                    : at::zeros(input.spec.shape, at::TensorOptions().dtype(type));
      arguments[input.leaf] = values.to(c10::Device(package.device()));
    }
    std::vector<TensorSpec> results;
    for (const at::Tensor& result : package.Run(std::move(arguments))) {
      results.push_back({"", torchscript::FromTorch(result.scalar_type()), result.sizes().vec(), true});
    }
    return results;
  });
}

}  // namespace tandem::aotinductor
