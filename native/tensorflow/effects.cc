#include "tensorflow/effects.h"

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tensorflow/handles.h"
#include "tensorflow/wire.h"

namespace tandem::tensorflow {
namespace {

namespace op_field {  // OpList, OpDef, OpDef.ArgDef
constexpr std::uint32_t kOp = 1, kName = 1, kInput = 2, kIsStateful = 17, kIsReference = 16;
}

// Operations that count as stateful for TensorFlow because they have to do with a resource, and only read it; those
// that call functions, which are looked at themselves; arrays that live for one step.
bool OnlyReads(std::string_view op) {
  static const std::unordered_set<std::string_view> known{"VarHandleOp",
                                                          "VariableV2",
                                                          "Variable",
                                                          "ReadVariableOp",
                                                          "ResourceGather",
                                                          "ResourceGatherNd",
                                                          "VariableShape",
                                                          "HashTable",
                                                          "HashTableV2",
                                                          "LookupTableFind",
                                                          "LookupTableFindV2",
                                                          "LookupTableSize",
                                                          "LookupTableSizeV2",
                                                          "If",
                                                          "While",
                                                          "Case",
                                                          "Assert",
                                                          "StatefulPartitionedCall"};
  return known.contains(op) || op.starts_with("TensorArray");
}

bool TakesReference(std::string_view op_def) {
  WireField field;
  for (WireReader reader(op_def); reader.Next(field);) {
    if (field.id != op_field::kInput) continue;
    WireField part;
    for (WireReader argument(field.bytes); argument.Next(part);) {
      if (part.id == op_field::kIsReference && part.number != 0) return true;
    }
  }
  return false;
}

struct Operations {
  std::unordered_set<std::string> all;
  std::unordered_set<std::string> with_effects;
};

Operations ReadOperations() {
  Operations operations;
  const BufferHandle list(Tf().TF_GetAllOpList());
  WireField field;
  for (WireReader reader({static_cast<const char*>(list->data), list->length}); reader.Next(field);) {
    if (field.id != op_field::kOp) continue;
    std::string name;
    bool stateful = false;
    WireField part;
    for (WireReader definition(field.bytes); definition.Next(part);) {
      if (part.id == op_field::kName) name = part.bytes;
      if (part.id == op_field::kIsStateful) stateful = part.number != 0;
    }
    if ((stateful || TakesReference(field.bytes)) && !OnlyReads(name)) operations.with_effects.insert(name);
    operations.all.insert(std::move(name));
  }
  return operations;
}

}  // namespace

std::string FindEffect(const GraphDef& graph, std::span<const std::string> fetches) {
  const Operations operations = ReadOperations();  // anew: a custom library may have added some
  const std::vector<Function> functions = ReadFunctions(graph.library);
  std::unordered_map<std::string_view, const Function*> by_name;
  for (const Function& function : functions) by_name.emplace(function.name, &function);
  std::unordered_map<std::string_view, const Node*> nodes;
  for (const Node& node : graph.nodes) nodes.emplace(node.name, &node);

  std::vector<const Node*> left;
  std::unordered_set<std::string_view> seen;
  const auto visit = [&](std::string_view name) {
    const auto found = nodes.find(name);
    if (found != nodes.end() && seen.insert(found->first).second) left.push_back(found->second);
  };
  for (const std::string& fetch : fetches) visit(InputNode(fetch));
  std::unordered_set<std::string> called;
  while (!left.empty()) {
    const Node& node = *left.back();
    left.pop_back();
    for (const std::string& input : node.inputs) visit(InputNode(input));  // a function's may name others: no harm
    for (const std::string& name : CalledFunctions(node)) {
      const auto function = by_name.find(name);
      if (function == by_name.end() || !called.insert(name).second) continue;
      for (const Node& inner : function->second->nodes) left.push_back(&inner);
    }
    const bool is_call = by_name.contains(node.op);  // a function may be called as if it were an operation
    if (is_call && called.insert(node.op).second) {
      for (const Node& inner : by_name.at(node.op)->nodes) left.push_back(&inner);
    }
    if (operations.with_effects.contains(node.op) || (!is_call && !operations.all.contains(node.op))) return node.op;
  }
  return {};
}

}  // namespace tandem::tensorflow
