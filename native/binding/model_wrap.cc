#include "binding/model_wrap.h"

#include <utility>

#include "binding/background.h"
#include "binding/options.h"

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

// False for undefined: the request does not have this input.
bool ReadView(napi_env env, napi_value value, std::span<const std::byte>& bytes) {
  std::size_t length = 0;
  void* data = nullptr;
  napi_typedarray_type type = napi_int8_array;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok &&
      IsNullish(env, value)) {
    return false;
  }
  if (type != napi_uint8_array) throw Napi::TypeError::New(env, "an input must be a Uint8Array");
  bytes = {static_cast<const std::byte*>(data), length};
  return true;
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

// Token and rows of each of `count` requests.
std::span<const std::uint32_t> ReadHead(napi_env env, napi_value array, napi_value count) {
  std::uint32_t requests = 0;
  std::size_t length = 0;
  void* data = nullptr;
  napi_typedarray_type type;
  Expect(env, napi_get_typedarray_info(env, array, &type, &length, &data, nullptr, nullptr), "head: a Uint32Array");
  Expect(env, napi_get_value_uint32(env, count, &requests), "count must be a number");
  if (type != napi_uint32_array || length / 2 < requests) throw Napi::TypeError::New(env, "head is too short");
  return {static_cast<const std::uint32_t*>(data), 2 * std::size_t{requests}};
}

// Which of `count` instances is to run a batch; nullish: any.
std::uint32_t ReadInstance(napi_env env, napi_value value, std::size_t count) {
  if (IsNullish(env, value)) return kAnyInstance;
  std::uint32_t instance = 0;
  Expect(env, napi_get_value_uint32(env, value, &instance), "instance must be a number");
  if (instance >= count) throw Napi::TypeError::New(env, "there is no such instance");
  return instance;
}

// What submit() gets, apart from the head: inputs and shapes of all requests one behind the other.
struct SubmitArguments {
  napi_env env;
  napi_value inputs;
  napi_value shapes;   // nullish: as the model declares them
  napi_value outputs;  // nullish: all; else a list per request
  bool shaped;
  bool chosen;
};

napi_value Element(napi_env env, napi_value array, std::uint32_t index) {
  napi_value element;
  Expect(env, napi_get_element(env, array, index, &element), "expected an array");
  return element;
}

Request ReadRequest(const SubmitArguments& arguments, std::uint32_t position, std::size_t input_count) {
  const auto& [env, inputs, shapes, outputs, shaped, chosen] = arguments;
  Request request;
  request.inputs.resize(input_count);
  for (std::uint32_t i = 0; i < input_count; ++i) {
    const auto index = static_cast<std::uint32_t>(position * input_count + i);
    const napi_value view = Element(env, inputs, index);
    InputView& input = request.inputs[i];
    input.present = ReadView(env, view, input.bytes);
    if (shaped && input.present) input.shape = ReadNumbers<std::int64_t>(env, Element(env, shapes, index));
  }
  if (chosen) {
    const napi_value wanted = Element(env, outputs, position);
    if (!IsNullish(env, wanted)) request.outputs = ReadNumbers<std::uint32_t>(env, wanted);
  }
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

// A model that runs: for JavaScript, or for another process.
struct RunningModel {
  std::shared_ptr<InstancePool> pool;
  std::shared_ptr<host::SessionServer> server;
  std::size_t inputs = 0;
  std::function<void(Napi::Env, Napi::Object)> describe;
};

RunningModel Start(OpenedModel opened, const OpenSettings& settings, const std::shared_ptr<ExecutionSink>& sink) {
  RunningModel running;
  running.inputs = opened.inputs.size();
  running.describe = std::move(opened.describe);
  if (settings.channels.empty()) {
    running.pool =
        std::make_shared<InstancePool>(std::move(opened.inputs), opened.output_count, std::move(opened.sessions),
                                       settings.coalesce_rows, sink, std::move(opened.batch_inputs));
  } else if (settings.channels.size() == opened.sessions.size()) {
    running.server =
        std::make_shared<host::SessionServer>(std::move(opened.sessions), settings.channels, opened.output_count);
  } else {
    throw Error(Code::kInternal, "there must be a channel for each instance");
  }
  return running;
}

// An object that serves the channels as long as it lives.
Napi::Object WrapServer(Napi::Env env, std::shared_ptr<host::SessionServer> server) {
  using Pointer = std::shared_ptr<host::SessionServer>;
  Napi::Object model = Napi::Object::New(env);
  model.Set("server", Napi::External<Pointer>::New(env, new Pointer(std::move(server)),
                                                   [](Napi::BasicEnv, const Pointer* owned) { delete owned; }));
  return model;
}

}  // namespace

OpenSettings ReadOpenSettings(const Napi::Object& options) {
  OpenSettings settings;
  settings.slot = static_cast<std::uint32_t>(ReadNumber(options, "slot"));
  settings.coalesce_rows = static_cast<std::int64_t>(ReadNumber(options, "coalesceRows"));
  if (options.Get("channels").IsUndefined()) return settings;
  for (const Napi::Object& channel : ReadObjects(options, "channels")) {
    settings.channels.push_back(
        {static_cast<int>(ReadNumber(channel, "socket")), static_cast<int>(ReadNumber(channel, "memory"))});
  }
  return settings;
}

Napi::Promise OpenModel(Napi::Env env, OpenSettings settings, std::function<OpenedModel()> open) {
  auto sink = std::make_shared<LoopSink>(EventLoop::For(env), settings.slot);
  return RunInBackground(
      env, "cannot load the model",
      [open = std::move(open), settings = std::move(settings), sink] { return Start(open(), settings, sink); },
      [](Napi::Env later, RunningModel running) -> Napi::Value {
        const Napi::Object model = running.pool ? ModelWrap::New(later, std::move(running.pool), running.inputs)
                                                : WrapServer(later, std::move(running.server));
        if (running.describe) running.describe(later, model);
        return model;
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
  const std::span<const std::uint32_t> head = ReadHead(env, info[0], info[1]);
  const std::uint32_t count = static_cast<std::uint32_t>(head.size() / 2);
  const SubmitArguments arguments{env, info[2], info[3], info[4], !IsNullish(env, info[3]), !IsNullish(env, info[4])};
  const std::uint32_t instance = ReadInstance(env, info[5], pool_->instance_count());
  Batch batch;
  batch.requests.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Request request = ReadRequest(arguments, i, input_count_);
    request.token = head[2 * i];
    request.rows = head[2 * i + 1];
    batch.Add(std::move(request));
  }
  loop_->Hold(info.Env(), count);
  pool_->Enqueue(std::move(batch), instance);
  return info.Env().Undefined();
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
