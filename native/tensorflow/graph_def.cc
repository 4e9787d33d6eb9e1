#include "tensorflow/graph_def.h"

#include "tensorflow/wire.h"

namespace tandem::tensorflow {
namespace {

// Field numbers of tensorflow/core/framework/*.proto.
namespace graph_field {
constexpr std::uint32_t kNode = 1, kLibrary = 2, kVersions = 4;
}
namespace node_field {
constexpr std::uint32_t kName = 1, kOp = 2, kInput = 3, kDevice = 4, kAttribute = 5;
}
namespace entry_field {  // of a map
constexpr std::uint32_t kKey = 1, kValue = 2;
}
namespace value_field {  // AttrValue
constexpr std::uint32_t kList = 1, kInt = 3, kType = 6, kTensor = 8, kFunction = 10;
}
namespace list_field {  // AttrValue.ListValue
constexpr std::uint32_t kFunction = 9;
}
namespace function_field {  // FunctionDefLibrary, FunctionDef, OpDef, NameAttrList
constexpr std::uint32_t kFunction = 1, kSignature = 1, kNode = 3, kName = 1;
}
namespace tensor_field {  // TensorProto, TensorShapeProto, Dim
constexpr std::uint32_t kType = 1, kShape = 2, kContent = 4, kDim = 2, kSize = 1;
}

Node ReadNode(std::string_view message) {
  Node node;
  WireField field;
  for (WireReader reader(message); reader.Next(field);) {
    if (field.id == node_field::kName) node.name = field.bytes;
    if (field.id == node_field::kOp) node.op = field.bytes;
    if (field.id == node_field::kInput) node.inputs.emplace_back(field.bytes);
    if (field.id == node_field::kDevice) node.device = field.bytes;
    if (field.id != node_field::kAttribute) continue;
    std::string key;
    std::string value;
    WireField part;
    for (WireReader entry(field.bytes); entry.Next(part);) {
      if (part.id == entry_field::kKey) key = part.bytes;
      if (part.id == entry_field::kValue) value = part.bytes;
    }
    node.attributes.insert_or_assign(std::move(key), std::move(value));
  }
  return node;
}

std::string WriteNode(const Node& node) {
  std::string message;
  PutBytes(message, node_field::kName, node.name);
  PutBytes(message, node_field::kOp, node.op);
  for (const std::string& input : node.inputs) PutBytes(message, node_field::kInput, input);
  if (!node.device.empty()) PutBytes(message, node_field::kDevice, node.device);
  for (const auto& [key, value] : node.attributes) {
    std::string entry;
    PutBytes(entry, entry_field::kKey, key);
    PutBytes(entry, entry_field::kValue, value);
    PutBytes(message, node_field::kAttribute, entry);
  }
  return message;
}

std::string_view FirstBytes(std::string_view message, std::uint32_t id) {
  WireField field;
  for (WireReader reader(message); reader.Next(field);) {
    if (field.id == id) return field.bytes;
  }
  return {};
}

std::int64_t NumberOf(const Node& node, std::string_view key, std::uint32_t id) {
  const auto found = node.attributes.find(key);
  if (found == node.attributes.end()) return -1;
  WireField field;
  for (WireReader reader(found->second); reader.Next(field);) {
    if (field.id == id) return static_cast<std::int64_t>(field.number);
  }
  return id == value_field::kInt ? 0 : -1;  // an int of 0 is not written
}

}  // namespace

std::int64_t Node::TypeAttribute(std::string_view key) const { return NumberOf(*this, key, value_field::kType); }
std::int64_t Node::IntAttribute(std::string_view key) const { return NumberOf(*this, key, value_field::kInt); }

GraphDef ReadGraphDef(std::string_view message) {
  GraphDef graph;
  WireField field;
  for (WireReader reader(message); reader.Next(field);) {
    if (field.id == graph_field::kNode) graph.nodes.push_back(ReadNode(field.bytes));
    if (field.id == graph_field::kLibrary) graph.library = field.bytes;
    if (field.id == graph_field::kVersions) graph.versions = field.bytes;
  }
  return graph;
}

std::vector<Function> ReadFunctions(std::string_view library) {
  std::vector<Function> functions;
  WireField field;
  for (WireReader reader(library); reader.Next(field);) {
    if (field.id != function_field::kFunction) continue;
    Function& function = functions.emplace_back();
    WireField part;
    for (WireReader body(field.bytes); body.Next(part);) {
      if (part.id == function_field::kSignature) function.name = FirstBytes(part.bytes, function_field::kName);
      if (part.id == function_field::kNode) function.nodes.push_back(ReadNode(part.bytes));
    }
  }
  return functions;
}

std::string WriteGraphDef(const GraphDef& graph) {
  std::string message;
  for (const Node& node : graph.nodes) PutBytes(message, graph_field::kNode, WriteNode(node));
  if (!graph.library.empty()) PutBytes(message, graph_field::kLibrary, graph.library);
  if (!graph.versions.empty()) PutBytes(message, graph_field::kVersions, graph.versions);
  return message;
}

std::vector<std::string> CalledFunctions(const Node& node) {
  std::vector<std::string> names;
  WireField field;
  for (const auto& [key, value] : node.attributes) {
    for (WireReader reader(value); reader.Next(field);) {
      if (field.id == value_field::kFunction) names.emplace_back(FirstBytes(field.bytes, function_field::kName));
      if (field.id != value_field::kList) continue;
      WireField element;
      for (WireReader list(field.bytes); list.Next(element);) {
        if (element.id == list_field::kFunction) {
          names.emplace_back(FirstBytes(element.bytes, function_field::kName));
        }
      }
    }
  }
  return names;
}

std::string TypeAttributeValue(std::int64_t type) {
  std::string value;
  PutNumber(value, value_field::kType, static_cast<std::uint64_t>(type));
  return value;
}

std::string TensorAttributeValue(std::int64_t type, const std::vector<std::int64_t>& shape, std::string_view content) {
  std::string dims;
  for (const std::int64_t size : shape) {
    std::string dim;
    PutNumber(dim, tensor_field::kSize, static_cast<std::uint64_t>(size));
    PutBytes(dims, tensor_field::kDim, dim);
  }
  std::string tensor;
  tensor.reserve(content.size() + dims.size() + 32);
  PutNumber(tensor, tensor_field::kType, static_cast<std::uint64_t>(type));
  PutBytes(tensor, tensor_field::kShape, dims);
  PutBytes(tensor, tensor_field::kContent, content);
  std::string value;
  PutBytes(value, value_field::kTensor, tensor);
  return value;
}

std::string_view InputNode(std::string_view input) {
  if (IsControl(input)) return input.substr(1);
  return input.substr(0, input.rfind(':') == std::string_view::npos ? input.size() : input.rfind(':'));
}

}  // namespace tandem::tensorflow
