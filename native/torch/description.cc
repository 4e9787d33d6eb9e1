#include "torch/description.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include "core/error.h"
#include "torch/data_type.h"
#include "torch/failure.h"

namespace tandem::torchscript {
namespace {

torch::jit::Module Import(const std::string& file, bool restore_shapes) {
  torch::jit::ExtraFilesMap none;
  return torch::jit::import_ir_module(std::make_shared<torch::jit::CompilationUnit>(), file, c10::Device(c10::kCPU),
                                      none, /*load_debug_files=*/false, restore_shapes);
}

// With the shapes of what a module was traced with as types of the graph's inputs, where the file has that.
torch::jit::Module ImportWithShapes(const std::string& file) {
  if (!caffe2::serialize::PyTorchStreamReader(file).hasRecord("traced_inputs.pkl")) return Import(file, false);
  try {
    return Import(file, true);
  } catch (const std::exception&) {
    return Import(file, false);  // the recorded inputs do not fit the graph; the module may be fine without them
  }
}

std::optional<DescribedTensor> TracedInput(const std::string& name, const torch::jit::Value& input) {
  const auto type = input.type()->cast<c10::TensorType>();
  if (!type || !type->scalarType() || !type->sizes().concrete_sizes()) return std::nullopt;
  return DescribedTensor{name, FromTorch(*type->scalarType()), *type->sizes().concrete_sizes()};
}

}  // namespace

ModuleDescription Describe(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) throw Error(Code::kNotFound, "cannot open '" + file.string() + "'");
  return Translated(Code::kInvalidArgument, "", [&file] {
    const torch::jit::Module module = ImportWithShapes(file.string());
    ModuleDescription description;
    description.signature = SignatureOf(module);
    const auto graph = module.get_method("forward").graph();
    for (std::size_t i = 0; i < description.signature.arguments.size(); ++i) {
      description.traced_inputs.push_back(
          TracedInput(description.signature.arguments[i].name, *graph->inputs().at(i + 1)));
    }
    for (const auto& [name, tensor] : module.named_parameters()) {
      description.parameters.push_back({name, FromTorch(tensor.scalar_type()), tensor.sizes().vec()});
    }
    description.training = module.hasattr("training") && module.is_training();  // a frozen one lacks it
    return description;
  });
}

}  // namespace tandem::torchscript
