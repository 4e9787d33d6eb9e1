#include "binding/aoti_binding.h"

#include <memory>
#include <utility>
#include <vector>

#include "binding/background.h"
#include "binding/model_wrap.h"
#include "binding/options.h"
#include "torch/aoti_instance.h"
#include "torch/aoti_package.h"
#include "torch/unpacked_package.h"

namespace tandem::binding {
namespace {

using aotinductor::InputBinding;
using aotinductor::Package;
using aotinductor::PackageContents;

using PackagePointer = std::shared_ptr<Package>;

Napi::Value ReadPackage(const Napi::CallbackInfo& info) {
  return RunInBackground(
      info.Env(), "cannot read the package",
      [file = info[0].As<Napi::String>().Utf8Value()] { return aotinductor::ReadPackage(file); },
      [](Napi::Env env, const PackageContents& contents) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("models", contents.models);
        object.Set("metadata", contents.metadata);
        object.Set("source", contents.source);
        return object;
      });
}

Napi::Value WrapPackage(Napi::Env env, PackagePointer package) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("arguments", package->arguments());
  object.Set("results", package->results());
  object.Set("handle", Napi::External<PackagePointer>::New(
                           env, new PackagePointer(std::move(package)),
                           [](Napi::BasicEnv, const PackagePointer* pointer) { delete pointer; }));
  return object;
}

Napi::Value LoadPackage(const Napi::CallbackInfo& info) {
  return RunInBackground(
      info.Env(), "cannot load the package",
      [file = info[0].As<Napi::String>().Utf8Value(), device = info[1].As<Napi::String>().Utf8Value(),
       runners = info[2].As<Napi::Number>().Uint32Value()] { return std::make_shared<Package>(file, device, runners); },
      WrapPackage);
}

PackagePointer& PackageOf(const Napi::Value& handle) { return *handle.As<Napi::External<PackagePointer>>().Data(); }

std::vector<InputBinding> ReadInputs(const Napi::Object& object) {
  std::vector<InputBinding> inputs;
  for (const Napi::Object& input : ReadObjects(object, "inputs")) {
    InputBinding binding{ReadTensorSpec(input), static_cast<std::size_t>(ReadNumber(input, "leaf")), false, {}};
    binding.known_dims = !input.Get("dims").IsUndefined();
    if (binding.known_dims) binding.dims = ReadNumbers(input, "dims");
    inputs.push_back(std::move(binding));
  }
  return inputs;
}

Napi::Value TryPackage(const Napi::CallbackInfo& info) {
  return RunInBackground(
      info.Env(), "cannot run the package",
      [package = PackageOf(info[0]), inputs = ReadInputs(info[1].As<Napi::Object>())] {
        return aotinductor::TryOut(*package, inputs);
      },
      [](Napi::Env env, const std::vector<TensorSpec>& results) {
        Napi::Array array = Napi::Array::New(env);
        for (const TensorSpec& result : results) {
          Napi::Array shape = Napi::Array::New(env);
          for (const std::int64_t dim : result.shape) shape.Set(shape.Length(), static_cast<double>(dim));
          Napi::Object object = Napi::Object::New(env);
          object.Set("datatype", static_cast<int>(result.type));
          object.Set("shape", shape);
          array.Set(array.Length(), object);
        }
        return array;
      });
}

struct OpenOptions {
  std::vector<PackagePointer> instances;
  aotinductor::ModelOptions model;
  std::vector<BatchInput> batch_inputs;  // where the last of the model's inputs come from
  OpenSettings settings;

  // How many of the model's inputs requests bring: the first ones.
  std::size_t request_inputs() const { return model.inputs.size() - batch_inputs.size(); }
};

OpenOptions ReadOptions(const Napi::Object& object) {
  OpenOptions options;
  const auto instances = ReadObjects(object, "instances");
  for (const Napi::Object& instance : instances) options.instances.push_back(PackageOf(instance.Get("package")));
  // What is left of the handles is garbage, collected some time: the package goes with its last instance.
  for (const Napi::Object& instance : instances) PackageOf(instance.Get("package")).reset();
  options.model.inputs = ReadInputs(object);
  for (const Napi::Object& output : ReadObjects(object, "outputs")) {
    options.model.outputs.push_back({ReadTensorSpec(output), static_cast<std::size_t>(ReadNumber(output, "leaf"))});
  }
  options.model.writes_inputs = ReadBoolean(object, "writesInputs");
  const auto settings = object.Get("settings").As<Napi::Object>();
  options.model.settings = {ReadBoolean(settings, "inferenceMode"), ReadBoolean(settings, "optimizedExecution"),
                            ReadBoolean(settings, "cudnn"), ReadBoolean(settings, "cacheCleaning")};
  options.model.threads = static_cast<int>(ReadNumber(object, "threads"));
  options.batch_inputs = ReadBatchInputs(object);
  options.settings = ReadOpenSettings(object);
  return options;
}

OpenedModel OpenInstances(const OpenOptions& options) {
  OpenedModel opened;
  for (const PackagePointer& package : options.instances) {
    opened.sessions.push_back(aotinductor::MakeInstance(package, options.model));
  }
  for (std::size_t i = 0; i < options.request_inputs(); ++i) opened.inputs.push_back(options.model.inputs[i].spec);
  opened.batch_inputs = options.batch_inputs;
  opened.output_count = options.model.outputs.size();
  return opened;
}

Napi::Value OpenPackage(const Napi::CallbackInfo& info) {
  auto options = std::make_shared<OpenOptions>(ReadOptions(info[0].As<Napi::Object>()));
  return OpenModel(info.Env(), options->settings, [options] { return OpenInstances(*options); });
}

}  // namespace

void ExportPackages(Napi::Env env, Napi::Object exports) {
  exports.Set("readPackage", Napi::Function::New<ReadPackage>(env, "readPackage"));
  exports.Set("loadPackage", Napi::Function::New<LoadPackage>(env, "loadPackage"));
  exports.Set("tryPackage", Napi::Function::New<TryPackage>(env, "tryPackage"));
  exports.Set("openPackage", Napi::Function::New<OpenPackage>(env, "openPackage"));
}

}  // namespace tandem::binding
