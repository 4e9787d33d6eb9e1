#include "tensorflow/loaded_session.h"

#include <optional>
#include <utility>

#include "tensorflow/data_type.h"
#include "tensorflow/graph.h"
#include "tensorflow/placed_saved_model.h"

namespace tandem::tensorflow {
namespace {

SessionOptionsHandle MakeSessionOptions(const std::string& config, TF_Status* status) {
  SessionOptionsHandle options(Tf().TF_NewSessionOptions());
  Tf().TF_SetConfig(options.get(), config.data(), config.size(), status);
  Check(status, "invalid session configuration");
  return options;
}

std::vector<TF_Output> Resolve(TF_Graph* graph, const std::vector<Binding>& bindings, const char* direction) {
  std::vector<TF_Output> tensors;
  for (const Binding& binding : bindings) {
    const TF_Output tensor = FindOutput(graph, binding.tensor);
    const DataType actual = FromTensorFlow(Tf().TF_OperationOutputType(tensor));
    if (actual != binding.spec.type) {
      throw Error(Code::kInvalidArgument, std::string("configuration expects datatype ") +
                                              ConfigName(binding.spec.type) + " for " + direction + " '" +
                                              binding.spec.name + "', model provides " + ConfigName(actual));
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

void RunInitOperations(const LoadedSession& loaded, std::span<const std::string> names) {
  const StatusHandle status(Tf().TF_NewStatus());
  for (const std::string& name : names) {
    const TF_Operation* operation = Tf().TF_GraphOperationByName(loaded.graph.get(), name.c_str());
    if (operation == nullptr) {
      throw Error(Code::kInvalidArgument, "the graph has no operation '" + name + "', which is to initialize it");
    }
    Tf().TF_SessionRun(loaded.session.get(), nullptr, nullptr, nullptr, 0, nullptr, nullptr, 0, &operation, 1, nullptr,
                       status.get());
    Check(status.get(), "init operation '" + name + "' failed");
  }
}

std::shared_ptr<LoadedSession> NewSession(GraphHandle graph, const std::string& config) {
  const StatusHandle status(Tf().TF_NewStatus());
  const SessionOptionsHandle options = MakeSessionOptions(config, status.get());
  auto loaded = std::make_shared<LoadedSession>();
  loaded->graph = std::move(graph);
  loaded->session.reset(Tf().TF_NewSession(loaded->graph.get(), options.get(), status.get()));
  Check(status.get(), "");
  return loaded;
}

std::shared_ptr<LoadedSession> LoadSavedModel(const ModelSource& source, const std::string& config) {
  const StatusHandle status(Tf().TF_NewStatus());
  const SessionOptionsHandle options = MakeSessionOptions(config, status.get());
  std::vector<const char*> tags;
  for (const std::string& tag : source.tags) tags.push_back(tag.c_str());
  std::optional<PlacedSavedModel> placed;
  if (!source.device.empty()) placed.emplace(source.path, source.device);
  const std::filesystem::path& path = placed ? placed->path() : source.path;
  auto loaded = std::make_shared<LoadedSession>();
  loaded->graph.reset(Tf().TF_NewGraph());
  loaded->session.reset(Tf().TF_LoadSessionFromSavedModel(options.get(), nullptr, path.c_str(), tags.data(),
                                                          static_cast<int>(tags.size()), loaded->graph.get(), nullptr,
                                                          status.get()));
  Check(status.get(), "");
  return loaded;
}

void Bind(LoadedSession& loaded, const ModelTensors& tensors) {
  loaded.inputs = Resolve(loaded.graph.get(), tensors.inputs, "input");
  loaded.outputs = Resolve(loaded.graph.get(), tensors.outputs, "output");
}

}  // namespace

std::shared_ptr<const LoadedSession> LoadSession(const ModelSource& source, const ModelTensors& tensors,
                                                 const std::string& config) {
  const auto loaded =
      source.is_graph_def ? NewSession(ImportGraphFile(source), config) : LoadSavedModel(source, config);
  Bind(*loaded, tensors);
  RunInitOperations(*loaded, source.init_operations);
  return loaded;
}

std::shared_ptr<const LoadedSession> LoadSessionFromGraph(std::string_view graph_def, const ModelTensors& tensors,
                                                          const std::string& config) {
  const auto loaded = NewSession(ImportGraph(graph_def, ""), config);
  Bind(*loaded, tensors);
  return loaded;
}

BufferHandle ToBuffer(const std::string& message) {
  return BufferHandle(message.empty() ? nullptr : Tf().TF_NewBufferFromString(message.data(), message.size()));
}

void LoadOperationLibrary(const std::string& path) {
  const StatusHandle status(Tf().TF_NewStatus());
  // The handle is never freed: TensorFlow keeps the operations registered.
  Tf().TF_LoadLibrary(path.c_str(), status.get());
  Check(status.get(), "cannot load the operations of '" + path + "'");
}

}  // namespace tandem::tensorflow
