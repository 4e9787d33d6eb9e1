#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::tensorflow {

// tensorflow.NodeDef. Attributes are AttrValue messages as they stand in the file.
struct Node {
  std::string name;
  std::string op;
  std::vector<std::string> inputs;  // "node", "node:1", "^node" for a control edge
  std::string device;
  std::map<std::string, std::string, std::less<>> attributes;

  // DataType of a `type` attribute, the `int` of another; -1 where it is missing.
  std::int64_t TypeAttribute(std::string_view key) const;
  std::int64_t IntAttribute(std::string_view key) const;
};

// tensorflow.GraphDef. Functions and versions are copied as they are.
struct GraphDef {
  std::vector<Node> nodes;
  std::string library;   // FunctionDefLibrary
  std::string versions;  // VersionDef
};

// tensorflow.FunctionDef: what its body calls.
struct Function {
  std::string name;
  std::vector<Node> nodes;
};

// Throw kInvalidArgument for bytes that are no such message.
GraphDef ReadGraphDef(std::string_view message);
std::vector<Function> ReadFunctions(std::string_view library);

std::string WriteGraphDef(const GraphDef& graph);

// Functions that a node calls, by its attributes.
std::vector<std::string> CalledFunctions(const Node& node);

// AttrValue messages.
std::string TypeAttributeValue(std::int64_t type);
std::string TensorAttributeValue(std::int64_t type, const std::vector<std::int64_t>& shape, std::string_view content);

// The node that an input names: "a" of "a:1" and of "^a".
std::string_view InputNode(std::string_view input);
inline bool IsControl(std::string_view input) { return input.starts_with('^'); }

}  // namespace tandem::tensorflow
