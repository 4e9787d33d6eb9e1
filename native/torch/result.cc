#include "torch/result.h"

#include <ATen/core/Dict.h>
#include <ATen/core/List.h>

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace tandem::torchscript {
namespace {

bool IsListOfValues(const c10::IValue& value) {
  if (!value.isList()) return false;
  switch (value.toList().elementType()->kind()) {
    case c10::TypeKind::StringType:
    case c10::TypeKind::IntType:
    case c10::TypeKind::FloatType:
    case c10::TypeKind::BoolType:
    case c10::TypeKind::ComplexType:
      return false;
    default:
      return true;
  }
}

std::string KeyText(const c10::IValue& key) { return key.isString() ? key.toStringRef() : c10::str(key); }

void Collect(const c10::IValue& value, std::vector<std::string>& keys, std::vector<ResultLeaf>& leaves) {
  if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) Collect(element, keys, leaves);
  } else if (IsListOfValues(value)) {
    for (const c10::IValue& element : value.toListRef()) Collect(element, keys, leaves);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      keys.push_back(KeyText(entry.key()));
      Collect(entry.value(), keys, leaves);
      keys.pop_back();
    }
  } else {
    leaves.push_back({value, keys});
  }
}

std::vector<const ResultLeaf*> Under(const std::vector<ResultLeaf>& leaves, const std::string& key) {
  std::vector<const ResultLeaf*> found;
  for (const ResultLeaf& leaf : leaves) {
    if (std::find(leaf.keys.begin(), leaf.keys.end(), key) != leaf.keys.end()) found.push_back(&leaf);
  }
  return found;
}

[[noreturn]] void Refuse(const std::string& what, const std::string& signature) {
  throw Error(Code::kInvalidArgument, what + " (the model is " + signature + ")");
}

[[noreturn]] void RefuseIndex(const OutputBinding& output, std::size_t count, const std::string& signature) {
  Refuse("The output " + output.spec.name +
             " in the model configuration refers to an output index which doesn't exist. This model has " +
             std::to_string(count) + " outputs",
         signature);
}

[[noreturn]] void RefuseKey(const std::string& name, const std::vector<ResultLeaf>& leaves,
                            const std::string& signature) {
  std::vector<std::string> known;
  for (const ResultLeaf& leaf : leaves) {
    for (const std::string& key : leaf.keys) {
      if (std::find(known.begin(), known.end(), key) == known.end()) known.push_back(key);
    }
  }
  std::string list;
  for (const std::string& key : known) list += (list.empty() ? "'" : ", '") + key + "'";
  Refuse("output '" + name + "' is no key of what the model returns; its keys: " + list, signature);
}

const c10::IValue& SelectByKey(const std::vector<ResultLeaf>& leaves, const OutputBinding& output,
                               const std::string& signature) {
  const std::string& name = output.spec.name;
  const auto exact = Under(leaves, name);
  if (exact.size() == 1) return exact.front()->value;
  if (exact.size() > 1) {
    Refuse("output '" + name + "' has " + std::to_string(exact.size()) + " tensors: name them " + name + "__0 to " +
               name + "__" + std::to_string(exact.size() - 1),
           signature);
  }
  if (!output.key_index) RefuseKey(name, leaves, signature);
  const auto under = Under(leaves, output.key);
  if (!under.empty()) {
    if (*output.key_index >= under.size()) RefuseIndex(output, under.size(), signature);
    return under[*output.key_index]->value;
  }
  if (*output.key_index >= leaves.size()) RefuseIndex(output, leaves.size(), signature);
  return leaves[*output.key_index].value;
}

}  // namespace

std::vector<ResultLeaf> LeavesOf(const c10::IValue& result) {
  std::vector<ResultLeaf> leaves;
  std::vector<std::string> keys;
  Collect(result, keys, leaves);
  return leaves;
}

const c10::IValue& Select(const std::vector<ResultLeaf>& leaves, const OutputBinding& output,
                          const std::string& signature) {
  const bool has_keys = std::any_of(leaves.begin(), leaves.end(), [](const auto& leaf) { return !leaf.keys.empty(); });
  if (has_keys) return SelectByKey(leaves, output, signature);
  if (output.index >= leaves.size()) RefuseIndex(output, leaves.size(), signature);
  return leaves[output.index].value;
}

bool IsStringList(const c10::IValue& value) {
  return value.isList() && value.toList().elementType()->kind() == c10::TypeKind::StringType;
}

}  // namespace tandem::torchscript
