#include "torch/signature.h"

#include <torch/csrc/jit/api/module.h>

#include <sstream>

#include "core/error.h"

namespace tandem::torchscript {
namespace {

TypeTree TreeOf(const c10::Type& type) {
  TypeTree tree{c10::typeKindToString(type.kind()), type.annotation_str(), {}};
  for (const auto& element : type.containedTypes()) tree.elements.push_back(TreeOf(*element));
  return tree;
}

std::string DefaultOf(const c10::Argument& argument) {
  if (!argument.default_value()) return "";
  std::ostringstream text;
  text << *argument.default_value();
  return text.str();
}

}  // namespace

ForwardSignature SignatureOf(const torch::jit::Module& module) {
  const auto forward = module.find_method("forward");
  if (!forward) throw Error(Code::kInvalidArgument, "the module has no 'forward' method");
  const c10::FunctionSchema& schema = forward->function().getSchema();
  ForwardSignature signature;
  for (std::size_t i = 1; i < schema.arguments().size(); ++i) {
    const c10::Argument& argument = schema.arguments()[i];
    signature.arguments.push_back({argument.name(), TreeOf(*argument.type()), DefaultOf(argument)});
  }
  signature.result = TreeOf(*schema.returns().at(0).type());
  return signature;
}

}  // namespace tandem::torchscript
