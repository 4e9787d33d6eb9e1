#include "tensorflow/frozen_graph.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "tensorflow/graph_def.h"
#include "tensorflow/wire.h"

namespace tandem::tensorflow {
namespace {

constexpr std::uint32_t kOutputPartitionGraphs = 5;  // RunOptions
constexpr std::uint32_t kPartitionGraphs = 3;        // RunMetadata
constexpr int kStringType = 7;
constexpr int kResourceType = 20;

[[noreturn]] void Refuse(const std::string& why) { throw Error(Code::kUnimplemented, why); }

// The graph as it runs: after functions were inlined and devices chosen. Feeds are _Arg nodes in it, fetches _Retval.
GraphDef RunningGraph(const LoadedSession& loaded, std::span<TF_Tensor* const> sample) {
  std::string options;
  PutNumber(options, kOutputPartitionGraphs, 1);
  const BufferHandle run_options = ToBuffer(options);
  const BufferHandle metadata(Tf().TF_NewBuffer());
  const StatusHandle status(Tf().TF_NewStatus());
  std::vector<TF_Tensor*> fetched(loaded.outputs.size(), nullptr);
  Tf().TF_SessionRun(loaded.session.get(), run_options.get(), loaded.inputs.data(), sample.data(),
                     static_cast<int>(loaded.inputs.size()), loaded.outputs.data(), fetched.data(),
                     static_cast<int>(fetched.size()), nullptr, 0, metadata.get(), status.get());
  const std::vector<TensorHandle> results(fetched.begin(), fetched.end());
  Check(status.get(), "");
  std::vector<std::string_view> partitions;
  WireField field;
  for (WireReader reader({static_cast<const char*>(metadata->data), metadata->length}); reader.Next(field);) {
    if (field.id == kPartitionGraphs) partitions.push_back(field.bytes);
  }
  if (partitions.size() != 1) Refuse("it runs on " + std::to_string(partitions.size()) + " devices");
  return ReadGraphDef(partitions.front());
}

// oneDNN's graph pass, which the new session goes through again, has renamed operations; that is all it may have done.
void UndoRenaming(Node& node) {
  const auto kernel = node.attributes.find("_kernel");
  if (kernel == node.attributes.end()) return;
  if (kernel->second.find("MklNameChangeOp") == std::string::npos)
    Refuse("operation " + node.op + " is bound to a kernel");
  for (const std::string_view prefix : {"_MklNative", "_Mkl"}) {
    if (!node.op.starts_with(prefix)) continue;
    node.op.erase(0, prefix.size());
    break;
  }
  node.attributes.erase(kernel);
  // Attributes of the renamed operations only.
  std::erase_if(node.attributes, [](const auto& attribute) {
    return attribute.first.starts_with("is_") && attribute.first.ends_with("_const");
  });
}

class Freezer {
 public:
  Freezer(const LoadedSession& loaded, GraphDef graph) : loaded_(loaded), graph_(std::move(graph)) {
    for (Node& node : graph_.nodes) {
      UndoRenaming(node);
      node.device.clear();
      node.attributes.erase("_class");
      by_name_.emplace(node.name, &node);
    }
  }

  FrozenGraph Run(const ModelTensors& tensors) {
    CheckNodes();
    ReplaceReads();
    FrozenGraph frozen;
    frozen.tensors = tensors;
    for (Node& node : graph_.nodes) NameBoundary(node, frozen.tensors);
    frozen.graph_def = WriteGraphDef(Pruned());
    return frozen;
  }

 private:
  void CheckNodes() const {
    for (const Node& node : graph_.nodes) {
      if (!CalledFunctions(node).empty()) Refuse("operation " + node.op + " calls a function");
      const bool is_state = node.op.starts_with("HashTable") || node.op == "VariableV2" || node.op == "Variable";
      if (is_state) Refuse("operation " + node.op + " holds values that a graph cannot");
    }
  }

  // The variable whose handle `input` is; null if it is something else.
  const Node* VariableOf(std::string_view input) const {
    for (;;) {
      const auto found = by_name_.find(InputNode(input));
      if (found == by_name_.end() || IsControl(input)) return nullptr;
      const Node& node = *found->second;
      if (node.op == "VarHandleOp") return &node;
      if (node.op != "Identity" || node.inputs.empty() || node.TypeAttribute("T") != kResourceType) return nullptr;
      input = node.inputs.front();
    }
  }

  // Checks every use of a variable, and makes the reads constants.
  void ReplaceReads() {
    std::vector<std::pair<Node*, const Node*>> reads;  // and what they read
    for (Node& node : graph_.nodes) {
      const bool hands_on = node.op == "Identity" && node.TypeAttribute("T") == kResourceType;
      if (node.op == "VarHandleOp" || hands_on) {
        resources_.insert(node.name);
        continue;
      }
      if (node.op == "ReadVariableOp") {
        const Node* variable = VariableOf(node.inputs.at(0));
        if (variable == nullptr) Refuse("a variable is read through a resource that is passed on");
        if (variable->TypeAttribute("dtype") == kStringType) Refuse("variable " + variable->name + " holds strings");
        reads.emplace_back(&node, variable);
        continue;
      }
      for (const std::string& input : node.inputs) {
        if (VariableOf(input) != nullptr) Refuse("operation " + node.op + " uses a variable");
      }
    }
    if (reads.empty()) Refuse("it has no variables");
    const auto values = Values(reads);
    for (const auto& [node, variable] : reads) {
      node->op = "Const";
      node->inputs.erase(node->inputs.begin());  // the resource; what is left orders it, and places it in a loop
      node->attributes = {{"dtype", TypeAttributeValue(variable->TypeAttribute("dtype"))},
                          {"value", values.at(variable)}};
    }
  }

  // The variables' values, as `tensor` attributes. All in one run: each new set of fetches is a graph to prepare.
  std::unordered_map<const Node*, std::string> Values(const std::vector<std::pair<Node*, const Node*>>& reads) const {
    std::vector<const Node*> variables;
    std::vector<TF_Output> outputs;
    const StatusHandle status(Tf().TF_NewStatus());
    for (const auto& [node, variable] : reads) {
      if (std::find(variables.begin(), variables.end(), variable) != variables.end()) continue;
      TF_Operation* handle = Tf().TF_GraphOperationByName(loaded_.graph.get(), variable->name.c_str());
      if (handle == nullptr) Refuse("variable " + variable->name + " lies in a function");
      const std::string name = "tandem_read_" + std::to_string(variables.size());
      TF_OperationDescription* read = Tf().TF_NewOperation(loaded_.graph.get(), "ReadVariableOp", name.c_str());
      Tf().TF_AddInput(read, {handle, 0});
      Tf().TF_SetAttrType(read, "dtype", static_cast<int>(variable->TypeAttribute("dtype")));
      outputs.push_back({Tf().TF_FinishOperation(read, status.get()), 0});
      Check(status.get(), "");
      variables.push_back(variable);
    }
    std::vector<TF_Tensor*> fetched(outputs.size(), nullptr);
    Tf().TF_SessionRun(loaded_.session.get(), nullptr, nullptr, nullptr, 0, outputs.data(), fetched.data(),
                       static_cast<int>(fetched.size()), nullptr, 0, nullptr, status.get());
    const std::vector<TensorHandle> tensors(fetched.begin(), fetched.end());
    Check(status.get(), "");
    std::unordered_map<const Node*, std::string> values;
    for (std::size_t i = 0; i < variables.size(); ++i) values.emplace(variables[i], AsAttribute(tensors[i].get()));
    return values;
  }

  static std::string AsAttribute(const TF_Tensor* tensor) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(Tf().TF_NumDims(tensor)));
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = Tf().TF_Dim(tensor, static_cast<int>(i));
    return TensorAttributeValue(Tf().TF_TensorType(tensor), shape,
                                {static_cast<const char*>(Tf().TF_TensorData(tensor)), Tf().TF_TensorByteSize(tensor)});
  }

  // _Arg and _Retval are made for a run; a graph has placeholders and any operation in their place.
  void NameBoundary(Node& node, ModelTensors& tensors) {
    const bool is_feed = node.op == "_Arg";
    if (!is_feed && node.op != "_Retval") return;
    const auto index = static_cast<std::size_t>(node.IntAttribute("index"));
    const std::string name = (is_feed ? "tandem_feed_" : "tandem_fetch_") + std::to_string(index);
    const std::string type = node.attributes.at("T");
    node.op = is_feed ? "Placeholder" : "Identity";
    node.attributes = {{is_feed ? "dtype" : "T", type}};
    (is_feed ? tensors.inputs : tensors.outputs).at(index).tensor = name + ":0";
    renamed_.emplace(node.name, name);
    if (!is_feed) roots_.push_back(node.name);
    if (is_feed) feeds_.push_back(node.name);
  }

  // What the outputs need, without the resources.
  GraphDef Pruned() {
    std::unordered_set<std::string_view> kept;
    std::vector<std::string_view> left(roots_.begin(), roots_.end());
    left.insert(left.end(), feeds_.begin(), feeds_.end());  // an input that nothing needs may still be fed
    while (!left.empty()) {
      const std::string_view name = left.back();
      left.pop_back();
      const auto found = by_name_.find(name);
      if (found == by_name_.end() || !kept.insert(found->first).second) continue;
      Node& node = *found->second;
      std::erase_if(node.inputs, [this](const std::string& input) {
        return IsControl(input) && resources_.contains(std::string(InputNode(input)));
      });
      for (const std::string& input : node.inputs) left.push_back(InputNode(input));
    }
    GraphDef pruned;
    pruned.versions = graph_.versions;
    for (const Node& node : graph_.nodes) {
      if (kept.contains(node.name)) pruned.nodes.push_back(Renamed(node));
    }
    return pruned;
  }

  Node Renamed(const Node& node) const {
    Node renamed = node;
    if (const auto found = renamed_.find(node.name); found != renamed_.end()) renamed.name = found->second;
    for (std::string& input : renamed.inputs) {
      const std::string_view target = InputNode(input);
      const auto found = renamed_.find(std::string(target));
      if (found != renamed_.end()) input.replace(input.find(target), target.size(), found->second);
    }
    return renamed;
  }

  const LoadedSession& loaded_;
  GraphDef graph_;
  std::unordered_map<std::string_view, Node*> by_name_;
  std::unordered_map<std::string, std::string> renamed_;
  std::unordered_set<std::string> resources_;
  std::vector<std::string> roots_;
  std::vector<std::string> feeds_;
};

}  // namespace

FrozenGraph Freeze(const LoadedSession& loaded, const ModelTensors& tensors, std::span<TF_Tensor* const> sample) {
  return Freezer(loaded, RunningGraph(loaded, sample)).Run(tensors);
}

}  // namespace tandem::tensorflow
