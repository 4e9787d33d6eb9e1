#include <napi.h>
#include <torch/version.h>

#include <string>
#include <utility>
#include <vector>

#include "binding/aoti_binding.h"
#include "binding/background.h"
#include "binding/model_wrap.h"
#include "binding/options.h"
#include "binding/torch_signature.h"
#include "torch/description.h"
#include "torch/instance.h"
#include "torch/module.h"
#include "torch/runtime.h"

// The torch addon. Its functions and their types: src/engine/torch-addon.ts.

namespace tandem::binding {
namespace {

using torchscript::InputBinding;
using torchscript::LoadedModule;
using torchscript::OutputBinding;

using ModulePointer = std::shared_ptr<LoadedModule>;

// A loaded file: the signature of its `forward`, and a handle that open() makes instances from.
Napi::Value WrapModule(Napi::Env env, ModulePointer module) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("signature", ToObject(env, module->signature()));
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

struct OpenOptions {
  std::vector<ModulePointer> instances;
  torchscript::ModelOptions model;
  std::vector<BatchInput> batch_inputs;  // where the last of the model's inputs come from
  OpenSettings settings;

  // How many of the model's inputs requests bring: the first ones.
  std::size_t request_inputs() const { return model.inputs.size() - batch_inputs.size(); }
};

OpenOptions ReadOptions(const Napi::Object& object) {
  OpenOptions options;
  for (const Napi::Object& instance : ReadObjects(object, "instances")) {
    options.instances.push_back(*instance.Get("module").As<Napi::External<ModulePointer>>().Data());
  }
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
  options.model.threads = static_cast<int>(ReadNumber(object, "threads"));
  options.batch_inputs = ReadBatchInputs(object);
  options.settings = ReadOpenSettings(object);
  return options;
}

OpenedModel OpenInstances(const OpenOptions& options) {
  OpenedModel opened;
  for (const ModulePointer& module : options.instances) {
    opened.sessions.push_back(torchscript::MakeInstance(*module, options.model));
  }
  for (std::size_t i = 0; i < options.request_inputs(); ++i) opened.inputs.push_back(options.model.inputs[i].spec);
  opened.batch_inputs = options.batch_inputs;
  opened.output_count = options.model.outputs.size();
  return opened;
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<OpenOptions>(ReadOptions(info[0].As<Napi::Object>()));
  return OpenModel(info.Env(), options->settings, [options] { return OpenInstances(*options); });
}

Napi::Value CudaDeviceCount(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), torchscript::CudaDeviceCount());
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("version", TORCH_VERSION);
  ExportEventLoop(env, exports);
  exports.Set("cudaDeviceCount", Napi::Function::New<CudaDeviceCount>(env, "cudaDeviceCount"));
  exports.Set("loadModule", Napi::Function::New<LoadModule>(env, "loadModule"));
  exports.Set("describeModule", Napi::Function::New<DescribeModule>(env, "describeModule"));
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  ExportPackages(env, exports);
  return exports;
}

NODE_API_MODULE(tandem_torch, Init)

}  // namespace
}  // namespace tandem::binding
