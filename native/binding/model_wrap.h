#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "binding/event_loop.h"
#include "core/instance_pool.h"
#include "host/session_server.h"

namespace tandem::binding {

// A loaded model as JavaScript holds it. See `NativeModel` in src/engine/native-model.ts for the types.
//
//   submit(head, count, inputs, shapes, outputs)         queues `count` requests as one batch; `head` is a Uint32Array
//                                                        with the token and the rows of each
//   cancel(token) -> boolean                             takes a queued request back
//   queued() -> number                                   requests that no instance has started
//   close() -> Promise                                   fails what is queued, waits for what runs, frees the model
//
// Outcomes come through the loop's handler under the model's slot. JavaScript keeps the inputs alive until then.
class ModelWrap : public Napi::ObjectWrap<ModelWrap> {
 public:
  // `inputs` is the number of inputs of the model.
  static Napi::Object New(Napi::Env env, std::shared_ptr<InstancePool> pool, std::size_t inputs);

  explicit ModelWrap(const Napi::CallbackInfo& info);
  // A model that was dropped without close() is closed in the background: no join on the event loop.
  ~ModelWrap() override;

 private:
  static Napi::Function Define(Napi::Env env);
  Napi::Value Submit(const Napi::CallbackInfo& info);
  Napi::Value Cancel(const Napi::CallbackInfo& info);
  Napi::Value Queued(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<EventLoop> loop_;
  std::shared_ptr<InstancePool> pool_;
  std::size_t input_count_ = 0;
};

// What opening a model gives: what its instances run, and whatever an engine has to tell of them, as properties of the
// model.
struct OpenedModel {
  std::vector<TensorSpec> inputs;  // that requests bring
  std::vector<BatchInput> batch_inputs;
  std::size_t output_count = 0;
  std::vector<std::unique_ptr<Session>> sessions;
  std::function<void(Napi::Env, Napi::Object)> describe;
};

// How it is reached.
struct OpenSettings {
  std::uint32_t slot = 0;          // under which outcomes come
  std::int64_t coalesce_rows = 0;  // see InstancePool
  // Not empty: batches come from another process, over these, and not from this one's JavaScript.
  std::vector<host::Channel> channels;
};

// `slot`, `coalesceRows`, `channels: { socket, memory }[] | undefined`
OpenSettings ReadOpenSettings(const Napi::Object& options);

// A promise of the model that `open()` makes on a background thread.
Napi::Promise OpenModel(Napi::Env env, OpenSettings settings, std::function<OpenedModel()> open);

}  // namespace tandem::binding
