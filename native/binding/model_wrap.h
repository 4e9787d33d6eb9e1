#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "binding/event_loop.h"
#include "core/instance_pool.h"

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

// What opening a model gives: its instances, and whatever an engine has to tell of them, as properties of the model.
struct OpenedModel {
  std::shared_ptr<InstancePool> pool;
  std::function<void(Napi::Env, Napi::Object)> describe;
};

// A promise of the model that `open(sink)` makes on a background thread; its outcomes come under `slot`.
Napi::Promise OpenModel(Napi::Env env, std::uint32_t slot, std::size_t inputs,
                        std::function<OpenedModel(std::shared_ptr<ExecutionSink>)> open);

}  // namespace tandem::binding
