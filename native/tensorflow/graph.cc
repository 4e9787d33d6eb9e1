#include "tensorflow/graph.h"

#include <charconv>
#include <fstream>

namespace tandem::tensorflow {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw Error(Code::kNotFound, "cannot open '" + path.string() + "'");
  std::string bytes(static_cast<std::size_t>(file.tellg()), '\0');
  file.seekg(0);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    throw Error(Code::kInternal, "cannot read '" + path.string() + "'");
  }
  return bytes;
}

}  // namespace

GraphHandle ImportGraph(const std::filesystem::path& graph_def) {
  const std::string bytes = ReadFile(graph_def);
  const BufferHandle buffer(Tf().TF_NewBufferFromString(bytes.data(), bytes.size()));
  const ImportOptionsHandle options(Tf().TF_NewImportGraphDefOptions());
  const StatusHandle status(Tf().TF_NewStatus());
  GraphHandle graph(Tf().TF_NewGraph());
  Tf().TF_GraphImportGraphDef(graph.get(), buffer.get(), options.get(), status.get());
  Check(status.get(), "cannot import '" + graph_def.string() + "'");
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
