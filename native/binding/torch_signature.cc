#include "binding/torch_signature.h"

namespace tandem::binding {
namespace {

template <typename Item, typename Convert>
Napi::Array ToArray(Napi::Env env, const std::vector<Item>& items, Convert convert) {
  Napi::Array array = Napi::Array::New(env, items.size());
  for (std::uint32_t i = 0; i < items.size(); ++i) array.Set(i, convert(items[i]));
  return array;
}

Napi::Object ToObject(Napi::Env env, const torchscript::TypeTree& type) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("kind", type.kind);
  object.Set("text", type.text);
  object.Set("elements", ToArray(env, type.elements, [env](const auto& element) { return ToObject(env, element); }));
  return object;
}

Napi::Object ToObject(Napi::Env env, const torchscript::DescribedTensor& tensor) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", tensor.name);
  object.Set("dataType", ConfigName(tensor.type));
  object.Set("shape", ToArray(env, tensor.shape,
                              [env](std::int64_t dim) { return Napi::Number::New(env, static_cast<double>(dim)); }));
  return object;
}

}  // namespace

Napi::Object ToObject(Napi::Env env, const torchscript::ForwardSignature& signature) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("arguments", ToArray(env, signature.arguments, [env](const torchscript::ForwardArgument& argument) {
               Napi::Object entry = Napi::Object::New(env);
               entry.Set("name", argument.name);
               entry.Set("type", ToObject(env, argument.type));
               entry.Set("defaultValue", argument.default_value);
               return entry;
             }));
  object.Set("result", ToObject(env, signature.result));
  return object;
}

Napi::Object ToObject(Napi::Env env, const torchscript::ModuleDescription& description) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("signature", ToObject(env, description.signature));
  object.Set("tracedInputs", ToArray(env, description.traced_inputs, [env](const auto& input) -> Napi::Value {
               return input ? Napi::Value(ToObject(env, *input)) : env.Undefined();
             }));
  object.Set("parameters",
             ToArray(env, description.parameters, [env](const auto& tensor) { return ToObject(env, tensor); }));
  object.Set("training", description.training);
  return object;
}

}  // namespace tandem::binding
