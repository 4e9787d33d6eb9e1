#include <napi.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/version.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binding/aoti_binding.h"
#include "binding/background.h"
#include "binding/model_wrap.h"
#include "binding/options.h"
#include "binding/plan_report.h"
#include "binding/torch_signature.h"
#include "core/freed_memory.h"
#include "torch/description.h"
#include "torch/instance.h"
#include "torch/module.h"
#include "torch/plans.h"
#include "torch/process_settings.h"
#include "torch/runtime.h"

// The torch addon. Its functions and their types: src/engine/torch-addon.ts.

namespace tandem::binding {
namespace {

using torchscript::ExecutionPlan;
using torchscript::InputBinding;
using torchscript::LoadedModule;
using torchscript::OutputBinding;
using torchscript::ProcessSettings;
using torchscript::Sharing;
using torchscript::Way;

using ModulePointer = std::shared_ptr<LoadedModule>;

// A loaded file: the signature of its `forward`, and a handle that open() makes instances from.
Napi::Value WrapModule(Napi::Env env, ModulePointer module) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("signature", ToObject(env, module->signature()));
  object.Set("freezable", module->freezable());
  object.Set("handle",
             Napi::External<ModulePointer>::New(env, new ModulePointer(std::move(module)),
                                                [](Napi::BasicEnv, const ModulePointer* pointer) { delete pointer; }));
  return object;
}

Napi::Value LoadModule(const Napi::CallbackInfo& info) {
  return RunInBackground(
      info.Env(), "cannot load the module",
      [file = info[0].As<Napi::String>().Utf8Value(), device = info[1].As<Napi::String>().Utf8Value()] {
        return std::make_shared<LoadedModule>(file, device);
      },
      WrapModule);
}

Napi::Value DescribeModule(const Napi::CallbackInfo& info) {
  return RunInBackground(
      info.Env(), "cannot read the module",
      [file = info[0].As<Napi::String>().Utf8Value()] { return torchscript::Describe(file); },
      [](Napi::Env env, const torchscript::ModuleDescription& description) { return ToObject(env, description); });
}
// How the instances of one device run.
struct Place {
  ModulePointer module;
  std::vector<ExecutionPlan> plans;  // just one: it is taken as it is
  std::size_t fallback = 0;
  std::vector<std::int64_t> rows;
  std::vector<Shape> sample_shapes;
  double threads_gain = 1;
  bool runs_samples = false;  // whether the module may be run before its first request
};

struct OpenOptions {
  std::vector<Place> places;
  std::vector<std::size_t> instances;  // the place of each
  Sharing sharing = Sharing::kWhereSafe;
  torchscript::ModelOptions model;
  std::vector<BatchInput> batch_inputs;  // where the last of the model's inputs come from
  OpenSettings settings;

  // How many of the model's inputs requests bring: the first ones.
  std::size_t request_inputs() const { return model.inputs.size() - batch_inputs.size(); }
};

constexpr std::array<std::pair<std::string_view, Way>, 3> kWays{
    {{"plain", Way::kPlain}, {"frozen", Way::kFrozen}, {"optimized", Way::kOptimized}}};
constexpr std::array<std::pair<std::string_view, Sharing>, 3> kSharings{
    {{"where safe", Sharing::kWhereSafe}, {"always", Sharing::kAlways}, {"never", Sharing::kNever}}};

template <typename Names>
auto ReadName(const Napi::Object& object, const char* member, const Names& names) {
  const std::string given = ReadString(object, member);
  for (const auto& [name, value] : names) {
    if (name == given) return value;
  }
  throw Napi::TypeError::New(object.Env(), std::string("option '") + member + "' must not be '" + given + "'");
}

Place ReadPlace(const Napi::Object& object) {
  Place place;
  place.module = *object.Get("module").As<Napi::External<ModulePointer>>().Data();
  for (const Napi::Object& plan : ReadObjects(object, "plans")) {
    place.plans.push_back(
        {ReadString(plan, "name"), ReadName(plan, "way", kWays), static_cast<int>(ReadNumber(plan, "threads"))});
  }
  place.fallback = static_cast<std::size_t>(ReadNumber(object, "fallback"));
  place.rows = ReadNumbers(object, "rows");
  place.sample_shapes = ReadShapes(object, "sampleShapes");
  place.threads_gain = ReadNumber(object, "threadsGain");
  place.runs_samples = ReadBoolean(object, "runsSamples");
  return place;
}

OpenOptions ReadOptions(const Napi::Object& object) {
  OpenOptions options;
  for (const Napi::Object& place : ReadObjects(object, "places")) options.places.push_back(ReadPlace(place));
  for (const std::int64_t place : ReadNumbers(object, "instances")) {
    options.instances.push_back(static_cast<std::size_t>(place));
  }
  options.sharing = ReadName(object, "sharing", kSharings);
  for (const Napi::Object& input : ReadObjects(object, "inputs")) {
    options.model.inputs.push_back(
        {ReadTensorSpec(input), static_cast<std::size_t>(ReadNumber(input, "argument")), ReadString(input, "key")});
  }
  for (const Napi::Object& output : ReadObjects(object, "outputs")) {
    const double key_index = ReadNumber(output, "keyIndex");
    options.model.outputs.push_back(
        {ReadTensorSpec(output), static_cast<std::size_t>(ReadNumber(output, "index")), ReadString(output, "key"),
         key_index < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(key_index))});
  }
  options.model.signature = ReadString(object, "signature");
  options.model.execution = {ReadBoolean(object, "inferenceMode"), ReadBoolean(object, "optimizedExecution"),
                             ReadBoolean(object, "cudnn"), ReadBoolean(object, "cacheCleaning")};
  options.batch_inputs = ReadBatchInputs(object);
  options.settings = ReadOpenSettings(object);
  return options;
}

// A place whose plan has been chosen.
class InstanceMaker {
 public:
  InstanceMaker(const OpenOptions& options, const Place& place)
      : model_(options.model), place_(place), sharing_(options.sharing) {
    calibration_.chosen = place.fallback;
    if (!place.runs_samples) return;
    calibration_ = ChoosePlan(*place.module, model_,
                              {place.plans, place.fallback, place.rows, place.threads_gain, place.sample_shapes});
    samples_ = std::make_shared<const std::vector<Sample>>(std::exchange(calibration_.samples, {}));
  }

  std::unique_ptr<Session> Make() const {
    const ExecutionPlan& plan = place_.plans[calibration_.chosen];
    const auto module = place_.module->ForInstance(plan.way, sharing_);
    return MakeInstance(*place_.module, module, model_, {plan.threads, samples_, place_.module->Turns(sharing_)});
  }

  Napi::Object Report(Napi::Env env) const {
    return PlanReport(env, place_.plans[calibration_.chosen].name, place_.plans.size() > 1, calibration_);
  }

 private:
  const torchscript::ModelOptions& model_;
  const Place& place_;
  const Sharing sharing_;
  Calibration calibration_;
  std::shared_ptr<const std::vector<Sample>> samples_;
};

OpenedModel OpenInstances(const std::shared_ptr<const OpenOptions>& options) {
  auto makers = std::make_shared<std::vector<InstanceMaker>>();
  for (const Place& place : options->places) makers->emplace_back(*options, place);
  OpenedModel opened;
  for (const std::size_t place : options->instances) opened.sessions.push_back(makers->at(place).Make());
  for (const Place& place : options->places) place.module->Release();
  ReturnFreedMemory();  // of what was made to be compared
  for (std::size_t i = 0; i < options->request_inputs(); ++i) opened.inputs.push_back(options->model.inputs[i].spec);
  opened.batch_inputs = options->batch_inputs;
  opened.output_count = options->model.outputs.size();
  opened.describe = [options, makers](Napi::Env env, Napi::Object model) { SetPlanReports(env, model, *makers); };
  return opened;
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<const OpenOptions>(ReadOptions(info[0].As<Napi::Object>()));
  return OpenModel(info.Env(), options->settings, [options] { return OpenInstances(options); });
}

std::optional<bool> ReadFlag(const Napi::Object& object, const char* name) {
  if (object.Get(name).IsUndefined()) return std::nullopt;
  return ReadBoolean(object, name);
}

Napi::Value SettleProcess(const Napi::CallbackInfo& info) {
  const auto object = info[0].As<Napi::Object>();
  ProcessSettings wanted{std::nullopt, ReadFlag(object, "jitExecutor"), ReadFlag(object, "jitProfiling"),
                         ReadFlag(object, "tensorFuser")};
  if (!object.Get("interOpThreads").IsUndefined()) {
    wanted.inter_op_threads = static_cast<int>(ReadNumber(object, "interOpThreads"));
  }
  const ProcessSettings settled = torchscript::Settle(wanted);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("interOpThreads", *settled.inter_op_threads);
  result.Set("jitExecutor", *settled.jit_executor);
  result.Set("jitProfiling", *settled.jit_profiling);
  result.Set("tensorFuser", *settled.tensor_fuser);
  return result;
}

Napi::Value CudaDeviceCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), torchscript::CudaDeviceCount());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("version", TORCH_VERSION);
  ExportEventLoop(env, exports);
  exports.Set("cudaDeviceCount", Napi::Function::New<CudaDeviceCount>(env, "cudaDeviceCount"));
  exports.Set("settleProcess", Napi::Function::New<SettleProcess>(env, "settleProcess"));
  exports.Set("loadModule", Napi::Function::New<LoadModule>(env, "loadModule"));
  exports.Set("describeModule", Napi::Function::New<DescribeModule>(env, "describeModule"));
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  ExportPackages(env, exports);
  return exports;
}

NODE_API_MODULE(tandem_torch, Init)

}  // namespace
}  // namespace tandem::binding
