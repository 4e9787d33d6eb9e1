#include "torch/effects.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/enum_tag.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/ir/ir.h>

namespace tandem::torchscript {
namespace {

using torch::jit::Block;
using torch::jit::Node;

// Recurrent layers and the like draw random numbers in training only.
bool IsForInference(const Node& node, const c10::FunctionSchema& schema) {
  for (const char* name : {"train", "training"}) {
    const auto index = schema.argumentIndexWithName(name);
    if (!index) continue;
    const auto value = torch::jit::toIValue(node.input(static_cast<std::size_t>(*index)));
    return value && value->isBool() && !value->toBool();
  }
  return false;
}

bool IsRandom(const Node& node) {
  if (node.isNondeterministic()) return true;
  const auto* schema = node.maybeSchema();
  if (schema == nullptr) return false;
  const auto known = c10::Dispatcher::singleton().findSchema(schema->operator_name());
  return known && known->hasTag(at::Tag::nondeterministic_seeded) && !IsForInference(node, *schema);
}

std::string FindEffect(const Block& block) {
  for (const Node* node : block.nodes()) {
    const auto kind = node->kind();
    if (kind != c10::prim::RaiseException && kind != c10::aten::warn && (node->hasSideEffects() || IsRandom(*node)))
      return kind.toQualString();
    for (const Block* inner : node->blocks()) {
      if (std::string effect = FindEffect(*inner); !effect.empty()) return effect;
    }
    if (!node->hasAttribute(c10::attr::Subgraph)) continue;
    if (std::string effect = FindEffect(*node->g(c10::attr::Subgraph)->block()); !effect.empty()) return effect;
  }
  return "";
}

}  // namespace

std::string FindEffect(const torch::jit::Module& frozen) {
  return FindEffect(*frozen.get_method("forward").graph()->block());
}

}  // namespace tandem::torchscript
