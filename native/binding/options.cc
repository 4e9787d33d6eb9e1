#include "binding/options.h"

namespace tandem::binding {
namespace {

[[noreturn]] void Refuse(const Napi::Object& options, const char* name, const char* expected) {
  throw Napi::TypeError::New(options.Env(), std::string("option '") + name + "' must be " + expected);
}

Napi::Array ReadArray(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsArray()) Refuse(options, name, "an array");
  return value.As<Napi::Array>();
}

// `convert` gets each element for which `is_valid` holds; for another the option is refused.
template <typename Element, typename IsValid, typename Convert>
std::vector<Element> ReadElements(const Napi::Object& options, const char* name, const char* expected, IsValid is_valid,
                                  Convert convert) {
  const Napi::Array array = ReadArray(options, name);
  std::vector<Element> elements;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value element = array.Get(i);
    if (!(element.*is_valid)()) Refuse(options, name, expected);
    elements.push_back(convert(element));
  }
  return elements;
}

}  // namespace

std::string ReadString(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsString()) Refuse(options, name, "a string");
  return value.As<Napi::String>();
}

bool ReadBoolean(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsBoolean()) Refuse(options, name, "true or false");
  return value.As<Napi::Boolean>();
}

double ReadNumber(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsNumber()) Refuse(options, name, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

std::string ReadBytes(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    Refuse(options, name, "a Uint8Array");
  }
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

std::vector<std::string> ReadStrings(const Napi::Object& options, const char* name) {
  return ReadElements<std::string>(options, name, "an array of strings", &Napi::Value::IsString,
                                   [](const Napi::Value& element) { return element.As<Napi::String>().Utf8Value(); });
}

std::vector<std::int64_t> ReadNumbers(const Napi::Object& options, const char* name) {
  return ReadElements<std::int64_t>(options, name, "an array of numbers", &Napi::Value::IsNumber,
                                    [](const Napi::Value& element) { return element.As<Napi::Number>().Int64Value(); });
}

std::vector<Shape> ReadShapes(const Napi::Object& options, const char* name) {
  return ReadElements<Shape>(options, name, "an array of arrays", &Napi::Value::IsArray,
                             [](const Napi::Value& element) {
                               const auto dims = element.As<Napi::Array>();
                               Shape shape;
                               for (std::uint32_t i = 0; i < dims.Length(); ++i) {
                                 shape.push_back(dims.Get(i).As<Napi::Number>().Int64Value());
                               }
                               return shape;
                             });
}

std::vector<Napi::Object> ReadObjects(const Napi::Object& options, const char* name) {
  return ReadElements<Napi::Object>(options, name, "an array of objects", &Napi::Value::IsObject,
                                    [](const Napi::Value& element) { return element.As<Napi::Object>(); });
}

TensorSpec ReadTensorSpec(const Napi::Object& tensor) {
  TensorSpec spec;
  spec.name = ReadString(tensor, "name");
  spec.type = static_cast<DataType>(static_cast<int>(ReadNumber(tensor, "datatype")));
  spec.known_rank = !tensor.Get("shape").IsUndefined();
  if (spec.known_rank) spec.shape = ReadNumbers(tensor, "shape");
  spec.ragged = ReadBoolean(tensor, "ragged");
  return spec;
}

std::vector<BatchInput> ReadBatchInputs(const Napi::Object& options) {
  std::vector<BatchInput> inputs;
  for (const Napi::Object& input : ReadObjects(options, "batchInputs")) {
    inputs.push_back({ReadString(input, "name"),
                      static_cast<BatchInputKind>(static_cast<int>(ReadNumber(input, "kind"))),
                      static_cast<DataType>(static_cast<int>(ReadNumber(input, "datatype"))),
                      static_cast<std::size_t>(ReadNumber(input, "source"))});
  }
  return inputs;
}

}  // namespace tandem::binding
