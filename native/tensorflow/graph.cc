#include "tensorflow/graph.h"

#include <charconv>
#include <utility>

#include "tensorflow/graph_def.h"
#include "tensorflow/read_file.h"

namespace tandem::tensorflow {
namespace {

// Only a pin to the CPU stays: where a graph was trained says nothing about where it is served.
std::string WithoutDevices(std::string bytes) {
  GraphDef graph = ReadGraphDef(bytes);
  bool changed = false;
  for (Node& node : graph.nodes) {
    if (node.device.empty() || node.device.find("CPU") != std::string::npos ||
        node.device.find("cpu") != std::string::npos) {
      continue;
    }
    node.device.clear();
    changed = true;
  }
  return changed ? WriteGraphDef(graph) : std::move(bytes);
}

}  // namespace

GraphHandle ImportGraphFile(const ModelSource& source) {
  std::string bytes = ReadFile(source.path);
  if (source.clears_devices) bytes = WithoutDevices(std::move(bytes));
  try {
    return ImportGraph(bytes, source.device);
  } catch (const Error& error) {
    throw Error(error.code(), "cannot import '" + source.path.string() + "': " + error.what());
  }
}

GraphHandle ImportGraph(std::string_view graph_def, const std::string& device) {
  const BufferHandle buffer(Tf().TF_NewBufferFromString(graph_def.data(), graph_def.size()));
  const ImportOptionsHandle options(Tf().TF_NewImportGraphDefOptions());
  if (!device.empty()) Tf().TF_ImportGraphDefOptionsSetDefaultDevice(options.get(), device.c_str());
  const StatusHandle status(Tf().TF_NewStatus());
  GraphHandle graph(Tf().TF_NewGraph());
  Tf().TF_GraphImportGraphDef(graph.get(), buffer.get(), options.get(), status.get());
  Check(status.get(), "");
  return graph;
}

TF_Output FindOutput(TF_Graph* graph, const std::string& name) {
  std::string node = name;
  int index = 0;
  if (const std::size_t colon = name.rfind(':'); colon != std::string::npos) {
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + colon + 1, end, index);
    if (parsed.ec == std::errc() && parsed.ptr == end) node.resize(colon);
  }
  TF_Operation* operation = Tf().TF_GraphOperationByName(graph, node.c_str());
  if (operation == nullptr) throw Error(Code::kInvalidArgument, "the graph has no node '" + node + "'");
  if (index < 0 || index >= Tf().TF_OperationNumOutputs(operation)) {
    throw Error(Code::kInvalidArgument, "node '" + node + "' has no output " + std::to_string(index));
  }
  return {operation, index};
}

}  // namespace tandem::tensorflow
