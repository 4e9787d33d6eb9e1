#include "torch/module.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <optional>

#include "core/error.h"
#include "torch/failure.h"

namespace tandem::torchscript {
namespace {

torch::jit::Module Load(const std::filesystem::path& file, const std::string& device) {
  if (!std::filesystem::exists(file)) throw Error(Code::kNotFound, "cannot open '" + file.string() + "'");
  return Translated(Code::kInvalidArgument, "", [&] {
    std::optional<c10::Device> target;
    if (!device.empty()) target = c10::Device(device);
    return torch::jit::load(file.string(), target);
  });
}

// With optimize_numerics off nothing is folded that would change a bit of the results.
std::optional<torch::jit::Module> Freeze(const torch::jit::Module& module) {
  if (module.is_training()) return std::nullopt;
  try {
    return torch::jit::freeze(module, std::nullopt, /*optimize_numerics=*/false);
  } catch (const std::exception&) {
    return std::nullopt;  // not every module can be frozen; it serves as it is
  }
}

bool WritesInputs(const torch::jit::Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  const torch::jit::AliasDb aliases(graph);
  return std::any_of(graph->inputs().begin() + 1, graph->inputs().end(),
                     [&aliases](const torch::jit::Value* input) { return aliases.hasWriters(input); });
}

bool HasState(const torch::jit::Module& module) {
  return module.parameters().size() > 0 || module.buffers().size() > 0 || module.attributes().size() > 0;
}

}  // namespace

LoadedModule::LoadedModule(const std::filesystem::path& file, const std::string& device) : device_(device) {
  module_ = std::make_unique<torch::jit::Module>(Load(file, device));
  Translated(Code::kInvalidArgument, "", [this] {
    signature_ = SignatureOf(*module_);
    if (auto frozen = Freeze(*module_)) {
      *module_ = *frozen;
      shareable_ = !HasState(*module_);
    }
    writes_inputs_ = WritesInputs(*module_);
  });
}

LoadedModule::~LoadedModule() = default;

torch::jit::Module LoadedModule::ForInstance() const { return shareable_ ? *module_ : module_->deepcopy(); }

}  // namespace tandem::torchscript
