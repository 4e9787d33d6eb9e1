#include "torch/module.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "core/error.h"
#include "torch/effects.h"
#include "torch/failure.h"

namespace tandem::torchscript {
namespace {

using torch::jit::Module;

Module Load(const std::filesystem::path& file, const std::string& device) {
  if (!std::filesystem::exists(file)) throw Error(Code::kNotFound, "cannot open '" + file.string() + "'");
  return Translated(Code::kInvalidArgument, "", [&] {
    std::optional<c10::Device> target;
    if (!device.empty()) target = c10::Device(device);
    return torch::jit::load(file.string(), target);
  });
}

// A file that was frozen before it was saved does not say.
bool IsTraining(const Module& module) { return module.hasattr("training") && module.is_training(); }

// With optimize_numerics off nothing is folded that would change a bit of the results.
Module Freeze(const Module& module, bool optimize_numerics) {
  return torch::jit::freeze(module, std::nullopt, optimize_numerics);
}

// Freezing makes a graph of its own, which is then changed in place.
Module Optimize(const Module& module) {
  Module frozen = Freeze(module, /*optimize_numerics=*/true);
  return torch::jit::optimize_for_inference(frozen);
}

Module Prepared(const Module& module, Way way) {
  return Translated(Code::kUnimplemented, "", [&] {
    if (way == Way::kPlain) return module;
    return way == Way::kFrozen ? Freeze(module, /*optimize_numerics=*/false) : Optimize(module);
  });
}

bool WritesInputs(const Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  const torch::jit::AliasDb aliases(graph);
  return std::any_of(graph->inputs().begin() + 1, graph->inputs().end(),
                     [&aliases](const torch::jit::Value* input) { return aliases.hasWriters(input); });
}

// What of a frozen module was not made a constant, for it may change; "" if nothing.
std::string State(const Module& frozen) {
  for (const auto& attribute : frozen.named_attributes()) return attribute.name;
  return "";
}

using Storages = std::map<const void*, std::size_t>;  // bytes by address

void AddWeight(const at::Tensor& tensor, Storages& weights) {
  // oneDNN's own layouts have no storage, and each is a copy.
  if (tensor.has_storage()) {
    weights[tensor.storage().data()] = tensor.storage().nbytes();
  } else if (tensor.defined()) {
    weights[tensor.unsafeGetTensorImpl()] = static_cast<std::size_t>(tensor.numel()) * tensor.itemsize();
  }
}

void AddConstants(const torch::jit::Block& block, Storages& weights) {
  for (const torch::jit::Node* node : block.nodes()) {
    if (node->kind() == c10::prim::Constant) {
      const auto value = torch::jit::toIValue(node->output());
      if (value && value->isTensor()) AddWeight(value->toTensor(), weights);
    }
    for (const torch::jit::Block* inner : node->blocks()) AddConstants(*inner, weights);
  }
}

// The functions of everything that was made of a file live as long as anything of it, and with them the weights that
// are constants in them.
void Discard(const Module& module) {
  const auto type = module.type();
  std::vector<c10::QualifiedName> names;
  for (const torch::jit::Function* method : type->methods()) names.push_back(method->qualname());
  for (const c10::QualifiedName& name : names) {
    type->unsafeRemoveMethod(name.name());
    module._ivalue()->compilation_unit()->unsafeRemoveMethod(name);
  }
}

}  // namespace

LoadedModule::LoadedModule(const std::filesystem::path& file, const std::string& device) : device_(device) {
  module_ = std::make_unique<Module>(Load(file, device));
  Translated(Code::kInvalidArgument, "", [this] {
    signature_ = SignatureOf(*module_);
    if (IsTraining(*module_)) {
      effect_ = "the module is in training mode";
    } else {
      try {
        frozen_ = std::make_unique<Module>(Freeze(*module_, /*optimize_numerics=*/false));
      } catch (const c10::Error& error) {  // not every module can be frozen; it serves as it is
        effect_ = std::string("the module cannot be frozen: ") + error.what_without_backtrace();
      }
    }
    writes_inputs_ = WritesInputs(freezable() ? *frozen_ : *module_);
    if (freezable()) {
      const std::string state = State(*frozen_);
      const std::string operation = FindEffect(*frozen_);
      stateless_ = state.empty();
      if (!state.empty()) {
        effect_ = "attribute '" + state + "' may change";
      } else if (writes_inputs_) {
        effect_ = "forward writes to its inputs";
      } else if (!operation.empty()) {
        effect_ = "operation " + operation + " may leave something behind or answer differently each time";
      }
    }
  });
}

LoadedModule::~LoadedModule() = default;

Module LoadedModule::Shared(Way way) {
  if (way == Way::kPlain) return *module_;
  if (!freezable()) throw Error(Code::kUnimplemented, effect_);
  if (way == Way::kFrozen) return *frozen_;
  if (optimized_ == nullptr) optimized_ = std::make_unique<Module>(Prepared(*module_, way));
  return *optimized_;
}

std::size_t LoadedModule::WeightBytes(Way way) {
  const Module module = Shared(way);
  Storages weights;
  for (const at::Tensor& parameter : module.parameters()) AddWeight(parameter, weights);
  for (const at::Tensor& buffer : module.buffers()) AddWeight(buffer, weights);
  AddConstants(*module.get_method("forward").graph()->block(), weights);
  std::size_t sum = 0;
  for (const auto& [address, bytes] : weights) sum += bytes;
  return sum;
}

Module LoadedModule::ForInstance(Way way, Sharing sharing) {
  used_.insert(way);
  if (IsShared(sharing) || !std::exchange(taken_, true)) return Shared(way);
  return Prepared(module_->deepcopy(), way);
}

std::shared_ptr<std::mutex> LoadedModule::Turns(Sharing sharing) const {
  return IsShared(sharing) && !stateless_ ? turns_ : nullptr;
}

void LoadedModule::Release() {
  if (frozen_ != nullptr && !used_.contains(Way::kFrozen)) Discard(*frozen_);
  if (optimized_ != nullptr && !used_.contains(Way::kOptimized)) Discard(*optimized_);
  module_ = nullptr;
  frozen_ = nullptr;
  optimized_ = nullptr;
}

}  // namespace tandem::torchscript
