#include <napi.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "binding/background.h"
#include "binding/model_wrap.h"
#include "binding/options.h"
#include "binding/plan_report.h"
#include "tensorflow/c_api.h"
#include "tensorflow/calibration.h"
#include "tensorflow/instance.h"
#include "tensorflow/loaded_session.h"

// The TensorFlow addon. Its functions and their types: src/engine/tensorflow-addon.ts.

namespace tandem::binding {
namespace {

using tensorflow::Binding;
using tensorflow::ChosenPlan;
using tensorflow::ExecutionPlan;
using tensorflow::LoadedSession;
using tensorflow::ModelSource;
using tensorflow::ModelTensors;

// How the instances of one device run.
struct Place {
  std::vector<ExecutionPlan> plans;  // just one: it is taken as it is
  std::size_t fallback = 0;
  std::string freezing_config;
  std::vector<std::int64_t> rows;
  std::vector<Shape> sample_shapes;
  double threads_gain = 1;
  bool runs_samples = false;  // whether the model may be run before its first request
  std::string device;
  bool clears_devices = false;
};

struct InstanceOptions {
  std::size_t place = 0;
  std::size_t session = 0;  // those with the same number share one
};

struct OpenOptions {
  ModelSource source;
  ModelTensors tensors;
  std::vector<std::string> operation_libraries;
  std::vector<Place> places;
  std::vector<InstanceOptions> instances;
  std::vector<BatchInput> batch_inputs;  // where the last of the inputs come from
  OpenSettings settings;

  // How many of the inputs requests bring: the first ones.
  std::size_t request_inputs() const { return tensors.inputs.size() - batch_inputs.size(); }
};

std::vector<Binding> ReadBindings(const Napi::Object& options, const char* name) {
  std::vector<Binding> bindings;
  for (const Napi::Object& tensor : ReadObjects(options, name)) {
    bindings.push_back({ReadTensorSpec(tensor), ReadString(tensor, "tensor")});
  }
  return bindings;
}

Place ReadPlace(const Napi::Object& object) {
  Place place;
  for (const Napi::Object& plan : ReadObjects(object, "plans")) {
    place.plans.push_back({ReadString(plan, "name"), ReadBytes(plan, "config"), ReadBytes(plan, "runOptions"),
                           ReadBoolean(plan, "frozen"), ReadBoolean(plan, "threads")});
  }
  place.fallback = static_cast<std::size_t>(ReadNumber(object, "fallback"));
  place.freezing_config = ReadBytes(object, "freezingConfig");
  place.rows = ReadNumbers(object, "rows");
  place.sample_shapes = ReadShapes(object, "sampleShapes");
  place.threads_gain = ReadNumber(object, "threadsGain");
  place.runs_samples = ReadBoolean(object, "runsSamples");
  place.device = ReadString(object, "device");
  place.clears_devices = ReadBoolean(object, "clearsDevices");
  return place;
}

OpenOptions ReadOptions(const Napi::Object& object) {
  OpenOptions options;
  options.source.path = ReadString(object, "path");
  options.source.is_graph_def = ReadString(object, "kind") == "graph_def";
  options.source.tags = ReadStrings(object, "tags");
  options.source.init_operations = ReadStrings(object, "initOperations");
  options.tensors = {ReadBindings(object, "inputs"), ReadBindings(object, "outputs")};
  options.operation_libraries = ReadStrings(object, "operationLibraries");
  for (const Napi::Object& place : ReadObjects(object, "places")) options.places.push_back(ReadPlace(place));
  for (const Napi::Object& instance : ReadObjects(object, "instances")) {
    options.instances.push_back({static_cast<std::size_t>(ReadNumber(instance, "place")),
                                 static_cast<std::size_t>(ReadNumber(instance, "session"))});
  }
  options.batch_inputs = ReadBatchInputs(object);
  options.settings = ReadOpenSettings(object);
  return options;
}

// A place whose plan has been chosen: where its sessions come from.
class SessionMaker {
 public:
  SessionMaker(const OpenOptions& options, const Place& place)
      : source_(options.source), tensors_(options.tensors), plans_(place.plans) {
    source_.device = place.device;
    source_.clears_devices = place.clears_devices;
    chosen_.calibration.chosen = place.fallback;
    if (!place.runs_samples) return;
    chosen_ = ChoosePlan(
        source_, tensors_,
        {plans_, place.fallback, place.freezing_config, place.rows, place.threads_gain, place.sample_shapes});
  }

  const ExecutionPlan& plan() const { return plans_[chosen_.calibration.chosen]; }

  std::shared_ptr<const LoadedSession> Make() {
    if (auto measured = std::exchange(chosen_.session, nullptr)) return measured;
    auto session = Load();
    WarmUp(session, plan().run_options, chosen_.calibration.samples);
    return session;
  }

  Napi::Object Report(Napi::Env env) const {
    return PlanReport(env, plan().name, plans_.size() > 1, chosen_.calibration);
  }

 private:
  std::shared_ptr<const LoadedSession> Load() const {
    if (!chosen_.frozen) return LoadSession(source_, tensors_, plan().config);
    return LoadSessionFromGraph(chosen_.frozen->graph_def, chosen_.frozen->tensors, plan().config);
  }

  ModelSource source_;
  const ModelTensors& tensors_;
  const std::vector<ExecutionPlan>& plans_;
  ChosenPlan chosen_;
};

OpenedModel OpenInstances(const std::shared_ptr<const OpenOptions>& options) {
  for (const std::string& library : options->operation_libraries) tensorflow::LoadOperationLibrary(library);
  auto makers = std::make_shared<std::vector<SessionMaker>>();
  for (const Place& place : options->places) makers->emplace_back(*options, place);
  std::map<std::size_t, std::shared_ptr<const LoadedSession>> sessions;
  OpenedModel opened;
  for (const auto& [place, number] : options->instances) {
    SessionMaker& maker = makers->at(place);
    auto& session = sessions[number];
    if (session == nullptr) session = maker.Make();
    opened.sessions.push_back(tensorflow::MakeInstance(session, maker.plan().run_options));
  }
  for (std::size_t i = 0; i < options->request_inputs(); ++i) opened.inputs.push_back(options->tensors.inputs[i].spec);
  opened.batch_inputs = options->batch_inputs;
  opened.output_count = options->tensors.outputs.size();
  opened.describe = [options, makers](Napi::Env env, Napi::Object model) { SetPlanReports(env, model, *makers); };
  return opened;
}

Napi::Value LoadLibrary(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), "cannot load TensorFlow", [&] {
    tensorflow::LoadLibrary(info[0].As<Napi::String>());
    return Napi::String::New(info.Env(), tensorflow::Tf().TF_Version());
  });
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<const OpenOptions>(ReadOptions(info[0].As<Napi::Object>()));
  return OpenModel(info.Env(), options->settings, [options] { return OpenInstances(options); });
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
