#include <napi.h>

#include <string>
#include <utility>
#include <vector>

#include "binding/background.h"
#include "binding/model_wrap.h"
#include "binding/options.h"
#include "tensorflow/c_api.h"
#include "tensorflow/graph.h"
#include "tensorflow/model.h"

// The TensorFlow addon. Its functions and their types: src/engine/tensorflow-addon.ts.

namespace tandem::binding {
namespace {

using tensorflow::Binding;
using tensorflow::LoadedSession;

struct OpenOptions {
  std::string path;
  bool is_graph_def = false;
  std::vector<std::string> tags;
  tensorflow::ModelOptions model;
  std::vector<std::size_t> instance_sessions;  // which session each instance uses
  std::int64_t coalesce_rows = 0;
  std::uint32_t slot = 0;
};

std::vector<Binding> ReadBindings(const Napi::Object& options, const char* name) {
  std::vector<Binding> bindings;
  for (const Napi::Object& tensor : ReadObjects(options, name)) {
    bindings.push_back({ReadTensorSpec(tensor), ReadString(tensor, "tensor")});
  }
  return bindings;
}

OpenOptions ReadOptions(const Napi::Object& object) {
  OpenOptions options;
  options.path = ReadString(object, "path");
  options.is_graph_def = ReadString(object, "kind") == "graph_def";
  options.tags = ReadStrings(object, "tags");
  options.model = {ReadBindings(object, "inputs"), ReadBindings(object, "outputs"), ReadBytes(object, "config"),
                   ReadBytes(object, "runOptions")};
  for (const Napi::Object& instance : ReadObjects(object, "instances")) {
    options.instance_sessions.push_back(static_cast<std::size_t>(ReadNumber(instance, "session")));
  }
  options.coalesce_rows = static_cast<std::int64_t>(ReadNumber(object, "coalesceRows"));
  options.slot = static_cast<std::uint32_t>(ReadNumber(object, "slot"));
  return options;
}

std::shared_ptr<const LoadedSession> LoadOne(const OpenOptions& options) {
  if (options.is_graph_def) return LoadGraph(tensorflow::ImportGraph(options.path), options.model);
  return tensorflow::LoadSavedModel(options.path, options.tags, options.model);
}

std::shared_ptr<InstancePool> OpenPool(const OpenOptions& options, std::shared_ptr<ExecutionSink> sink) {
  std::vector<std::shared_ptr<const LoadedSession>> loaded;
  std::vector<std::unique_ptr<Session>> instances;
  for (const std::size_t session : options.instance_sessions) {
    while (loaded.size() <= session) loaded.push_back(LoadOne(options));
    instances.push_back(tensorflow::MakeInstance(loaded[session], options.model));
  }
  std::vector<TensorSpec> inputs;
  for (const Binding& binding : options.model.inputs) inputs.push_back(binding.spec);
  return std::make_shared<InstancePool>(std::move(inputs), options.model.outputs.size(), std::move(instances),
                                        options.coalesce_rows, std::move(sink));
}

Napi::Value LoadLibrary(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), "cannot load TensorFlow", [&] {
    tensorflow::LoadLibrary(info[0].As<Napi::String>());
    return Napi::String::New(info.Env(), tensorflow::Tf().TF_Version());
  });
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<OpenOptions>(ReadOptions(info[0].As<Napi::Object>()));
  return OpenModel(info.Env(), options->slot, options->model.inputs.size(),
                   [options](std::shared_ptr<ExecutionSink> sink) { return OpenPool(*options, std::move(sink)); });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("loadLibrary", Napi::Function::New<LoadLibrary>(env, "loadLibrary"));
  ExportEventLoop(env, exports);
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  return exports;
}

NODE_API_MODULE(tandem_tensorflow, Init)

}  // namespace
}  // namespace tandem::binding
