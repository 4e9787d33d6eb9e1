#pragma once

#include <string>
#include <vector>

namespace torch::jit {
struct Module;
}

namespace tandem::torchscript {

// A type, and those it is made of: the elements of a tuple, a dictionary's key and value.
struct TypeTree {
  std::string kind;  // libtorch's name: "TensorType", "TupleType", "DictType"
  std::string text;  // as Python writes it: "Tuple[Tensor, List[str]]"
  std::vector<TypeTree> elements;
};

// One parameter of `forward`, without `self`.
struct ForwardArgument {
  std::string name;
  TypeTree type;
  std::string default_value;  // "": it has none
};

struct ForwardSignature {
  std::vector<ForwardArgument> arguments;
  TypeTree result;
};

// Throws kInvalidArgument if the module has no `forward`.
ForwardSignature SignatureOf(const torch::jit::Module& module);

}  // namespace tandem::torchscript
