#include "tensorflow/graph_def.h"

#include "check.h"
#include "fixtures.h"
#include "tensorflow/c_api.h"
#include "tensorflow/effects.h"
#include "tensorflow/placed_saved_model.h"
#include "tensorflow/wire.h"

namespace tandem::tensorflow {
namespace {

Node MakeNode(std::string name, std::string op, std::vector<std::string> inputs = {}) {
  Node node;
  node.name = std::move(name);
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  return node;
}

// A FunctionDefLibrary with one function.
std::string Library(const std::string& name, const std::vector<Node>& body) {
  std::string signature;
  PutBytes(signature, 1, name);
  std::string function;
  PutBytes(function, 1, signature);
  GraphDef nodes;
  nodes.nodes = body;
  WireField field;
  const std::string written = WriteGraphDef(nodes);
  for (WireReader reader(written); reader.Next(field);) PutBytes(function, 3, field.bytes);
  std::string library;
  PutBytes(library, 1, function);
  return library;
}

Node Call(const std::string& function) {
  Node node = MakeNode("call", "StatefulPartitionedCall", {"x"});
  std::string named;
  PutBytes(named, 1, function);
  std::string value;
  PutBytes(value, 10, named);
  node.attributes["f"] = value;
  return node;
}

std::string Effect(const GraphDef& graph, const std::string& fetch) {
  LoadLibrary(test::Environment("TANDEM_TENSORFLOW_LIBRARY"));
  return FindEffect(graph, std::vector{fetch});
}

TEST("a graph is written as it was read") {
  GraphDef graph;
  graph.nodes = {MakeNode("x", "Placeholder"), MakeNode("y", "Identity", {"x:0", "^x"})};
  graph.nodes[1].device = "/device:CPU:0";
  graph.nodes[1].attributes["T"] = TypeAttributeValue(1);
  PutNumber(graph.versions, 1, 27);
  const std::string written = WriteGraphDef(graph);
  const GraphDef read = ReadGraphDef(written);
  CHECK(read.nodes.size() == 2);
  CHECK(read.nodes[1].name == "y" && read.nodes[1].op == "Identity" && read.nodes[1].device == "/device:CPU:0");
  CHECK((read.nodes[1].inputs == std::vector<std::string>{"x:0", "^x"}));
  CHECK(read.nodes[1].TypeAttribute("T") == 1);
  CHECK(read.nodes[1].TypeAttribute("dtype") == -1);
  CHECK(WriteGraphDef(read) == written);
}

TEST("inputs name their node, with or without an output or a caret") {
  CHECK(InputNode("a") == "a");
  CHECK(InputNode("a/b:3") == "a/b");
  CHECK(InputNode("^a/b") == "a/b");
  CHECK(IsControl("^a") && !IsControl("a:1"));
}

TEST("what is cut off in the middle is refused") {
  GraphDef graph;
  graph.nodes = {MakeNode("x", "Placeholder")};
  const std::string written = WriteGraphDef(graph);
  for (std::size_t size = 1; size < written.size(); ++size) {
    CHECK(CODE_OF(ReadGraphDef(std::string_view(written).substr(0, size))) == Code::kInvalidArgument);
  }
  CHECK(CODE_OF(ReadGraphDef("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")) == Code::kInvalidArgument);
}

TEST("what only reads has no effect, and what writes has") {
  GraphDef graph;
  graph.nodes = {MakeNode("v", "VarHandleOp"),
                 MakeNode("read", "ReadVariableOp", {"v"}),
                 MakeNode("write", "AssignAddVariableOp", {"v", "read"}),
                 MakeNode("random", "RandomUniform"),
                 MakeNode("later", "Identity", {"read", "^write"}),
                 MakeNode("table", "HashTableV2"),
                 MakeNode("find", "LookupTableFindV2", {"table"}),
                 MakeNode("reference", "Assign", {"v"})};
  CHECK(Effect(graph, "read:0").empty());
  CHECK(Effect(graph, "find:0").empty());
  CHECK(Effect(graph, "write:0") == "AssignAddVariableOp");
  CHECK(Effect(graph, "later:0") == "AssignAddVariableOp");
  CHECK(Effect(graph, "random:0") == "RandomUniform");
  CHECK(Effect(graph, "reference:0") == "Assign");
}

TEST("an operation that TensorFlow does not know may do anything") {
  GraphDef graph;
  graph.nodes = {MakeNode("x", "NoSuchOperation")};
  CHECK(Effect(graph, "x:0") == "NoSuchOperation");
}

TEST("effects are found in the functions that are called") {
  GraphDef graph;
  graph.nodes = {MakeNode("x", "Placeholder"), Call("body")};
  graph.library = Library("body", {MakeNode("print", "PrintV2")});
  CHECK(Effect(graph, "call:0") == "PrintV2");
  graph.library = Library("body", {MakeNode("sum", "AddV2")});
  CHECK(Effect(graph, "call:0").empty());
  graph.nodes[1] = MakeNode("call", "body", {"x"});  // called as if it were an operation
  CHECK(Effect(graph, "call:0").empty());
}

TEST("a SavedModel's operations are pinned to a device where they name none, in functions too") {
  GraphDef graph;
  graph.nodes = {MakeNode("x", "Placeholder"), MakeNode("pinned", "Identity", {"x"}), Call("body")};
  graph.nodes[1].device = "/device:CPU:0";
  graph.library = Library("body", {MakeNode("sum", "AddV2")});
  std::string meta_graph;
  PutBytes(meta_graph, 1, "meta information");
  PutBytes(meta_graph, 2, WriteGraphDef(graph));
  std::string saved_model;
  PutNumber(saved_model, 1, 1);
  PutBytes(saved_model, 2, meta_graph);

  const std::string placed = PlaceSavedModel(saved_model, "/device:GPU:1");
  WireField field;
  std::string_view written;
  for (WireReader reader(placed); reader.Next(field);) {
    if (field.id != 2) continue;
    WireField part;
    for (WireReader inner(field.bytes); inner.Next(part);) {
      if (part.id == 1) CHECK(part.bytes == "meta information");
      if (part.id == 2) written = part.bytes;
    }
  }
  const GraphDef read = ReadGraphDef(written);
  CHECK(read.nodes[0].device == "/device:GPU:1");
  CHECK(read.nodes[1].device == "/device:CPU:0");
  CHECK(read.nodes[2].device == "/device:GPU:1");
  CHECK(ReadFunctions(read.library)[0].nodes[0].device == "/device:GPU:1");
}

}  // namespace
}  // namespace tandem::tensorflow
