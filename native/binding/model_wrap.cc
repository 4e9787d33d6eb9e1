#include "binding/model_wrap.h"

#include <utility>

#include "binding/background.h"

namespace tandem::binding {
namespace {

// The hot path uses the C API: node-addon-api's checks and temporaries cost more than the calls themselves.
void Expect(napi_env env, napi_status status, const char* what) {
  if (status != napi_ok) throw Napi::TypeError::New(env, what);
}

bool IsNullish(napi_env env, napi_value value) {
  napi_valuetype type;
  Expect(env, napi_typeof(env, value, &type), "cannot read a value");
  return type == napi_undefined || type == napi_null;
}

std::span<const std::byte> ReadView(napi_env env, napi_value value) {
  std::size_t length = 0;
  void* data = nullptr;
  napi_typedarray_type type;
  Expect(env, napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr),
         "an input must be a Uint8Array");
  if (type != napi_uint8_array) throw Napi::TypeError::New(env, "an input must be a Uint8Array");
  return {static_cast<const std::byte*>(data), length};
}

template <typename Number>
std::vector<Number> ReadNumbers(napi_env env, napi_value array) {
  std::uint32_t length = 0;
  Expect(env, napi_get_array_length(env, array, &length), "expected an array of numbers");
  std::vector<Number> numbers(length);
  for (std::uint32_t i = 0; i < length; ++i) {
    napi_value element;
    std::int64_t number = 0;
    Expect(env, napi_get_element(env, array, i, &element), "cannot read an element");
    Expect(env, napi_get_value_int64(env, element, &number), "expected an array of numbers");
    numbers[i] = static_cast<Number>(number);
  }
  return numbers;
}

std::vector<InputView> ReadInputs(napi_env env, napi_value views, napi_value shapes, std::size_t count) {
  std::vector<InputView> inputs(count);
  const bool shaped = !IsNullish(env, shapes);
  for (std::uint32_t i = 0; i < count; ++i) {
    napi_value element;
    Expect(env, napi_get_element(env, views, i, &element), "inputs must be an array");
    if (IsNullish(env, element)) continue;
    inputs[i].present = true;
    inputs[i].bytes = ReadView(env, element);
    if (!shaped) continue;
    Expect(env, napi_get_element(env, shapes, i, &element), "shapes must be an array");
    inputs[i].shape = ReadNumbers<std::int64_t>(env, element);
  }
  return inputs;
}

Request ReadRequest(napi_env env, const Napi::CallbackInfo& info, std::size_t input_count) {
  Request request;
  Expect(env, napi_get_value_uint32(env, info[0], &request.token), "token must be a number");
  Expect(env, napi_get_value_int64(env, info[1], &request.rows), "rows must be a number");
  request.inputs = ReadInputs(env, info[2], info[3], input_count);
  if (!IsNullish(env, info[4])) request.outputs = ReadNumbers<std::uint32_t>(env, info[4]);
  return request;
}

// Where a model's outcomes go: the loop, under the model's slot.
class LoopSink final : public ExecutionSink {
 public:
  LoopSink(std::shared_ptr<EventLoop> loop, std::uint32_t slot) : loop_(std::move(loop)), slot_(slot) {}
  void Push(Execution execution) override { loop_->Push(slot_, std::move(execution)); }

 private:
  const std::shared_ptr<EventLoop> loop_;
  const std::uint32_t slot_;
};

}  // namespace

Napi::Promise OpenModel(Napi::Env env, std::uint32_t slot, std::size_t inputs,
                        std::function<std::shared_ptr<InstancePool>(std::shared_ptr<ExecutionSink>)> open) {
  auto sink = std::make_shared<LoopSink>(EventLoop::For(env), slot);
  return RunInBackground(
      env, "cannot load the model", [open = std::move(open), sink = std::move(sink)] { return open(sink); },
      [inputs](Napi::Env later, std::shared_ptr<InstancePool> pool) {
        return ModelWrap::New(later, std::move(pool), inputs);
      });
}

Napi::Function ModelWrap::Define(Napi::Env env) {
  return DefineClass(env, "NativeModel",
                     {InstanceMethod<&ModelWrap::Submit>("submit"), InstanceMethod<&ModelWrap::Cancel>("cancel"),
                      InstanceMethod<&ModelWrap::Queued>("queued"), InstanceMethod<&ModelWrap::Close>("close")});
}

Napi::Object ModelWrap::New(Napi::Env env, std::shared_ptr<InstancePool> pool, std::size_t inputs) {
  const Napi::Object object = Define(env).New({});
  ModelWrap* wrap = Unwrap(object);
  wrap->loop_ = EventLoop::For(env);
  wrap->loop_->Track(pool);
  wrap->pool_ = std::move(pool);
  wrap->input_count_ = inputs;
  return object;
}

ModelWrap::ModelWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ModelWrap>(info) {}

ModelWrap::~ModelWrap() {
  if (pool_) loop_->Discard(std::move(pool_));
}

Napi::Value ModelWrap::Submit(const Napi::CallbackInfo& info) {
  const napi_env env = info.Env();
  if (!pool_) throw ToJavaScript(info.Env(), {Code::kUnavailable, "the model has been closed"});
  bool last = false;
  Expect(env, napi_get_value_bool(env, info[5], &last), "last must be a boolean");
  try {
    open_.Add(ReadRequest(env, info, input_count_));
    loop_->Hold(info.Env());
  } catch (const Napi::Error&) {
    EnqueueOpenIf(last);  // this request is refused; those before it are not lost
    throw;
  }
  EnqueueOpenIf(last);
  return info.Env().Undefined();
}

void ModelWrap::EnqueueOpenIf(bool last) {
  if (last && !open_.requests.empty()) pool_->Enqueue(std::exchange(open_, {}));
}

Napi::Value ModelWrap::Cancel(const Napi::CallbackInfo& info) {
  const bool cancelled = pool_ != nullptr && pool_->Cancel(info[0].As<Napi::Number>().Uint32Value());
  if (cancelled) loop_->Unhold(info.Env(), 1);
  return Napi::Boolean::New(info.Env(), cancelled);
}

Napi::Value ModelWrap::Queued(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), pool_ ? static_cast<double>(pool_->queued()) : 0.0);
}

Napi::Value ModelWrap::Close(const Napi::CallbackInfo& info) {
  return RunInBackground(
      info.Env(), "cannot close the model",
      [pool = std::exchange(pool_, nullptr)] {
        if (pool) pool->Close();
        return true;
      },
      [](Napi::Env env, bool) { return env.Undefined(); });
}

}  // namespace tandem::binding
