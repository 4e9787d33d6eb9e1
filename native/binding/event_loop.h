#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "binding/completions.h"
#include "core/instance_pool.h"

namespace tandem::binding {

// The way back into one JavaScript environment (the main thread's or a worker's): outcomes from instance threads and
// tasks from background threads are collected in a list, and one wake-up of the loop takes all of them.
//
// When the environment ends, every pool still open is closed and every thread joined, before the memory of its
// ArrayBuffers goes. Only JavaScript's thread calls the functions that take an env.
class EventLoop : public std::enable_shared_from_this<EventLoop> {
 public:
  static std::shared_ptr<EventLoop> For(Napi::Env env);

  // `handler(numbers, buffers, messages)` gets all outcomes of a wake-up (see completions.h); `release(slot, token)`
  // is called when an engine gives back an input that it kept beyond its execution.
  void SetHandlers(Napi::Function handler, Napi::Function release);

  // From any thread. Dropped once the environment has ended.
  void Push(std::uint32_t slot, Execution execution);
  void Post(std::function<void(Napi::Env)> task);

  // Runs `work` on a thread of its own, which the environment's end waits for.
  void Spawn(std::function<void()> work);

  // Closes a pool that nobody holds any more, without waiting for it here.
  void Discard(std::shared_ptr<InstancePool> pool);

  // Closes every pool and joins every thread; nothing is handed to JavaScript any more. Idempotent. The environment's
  // clean-up does it, but process.exit() runs static destructors without cleaning up: JavaScript calls it before.
  void Shutdown();

  // While anything is held the loop stays alive.
  void Hold(Napi::Env env, std::size_t count);
  void Unhold(Napi::Env env, std::size_t count);

  // Closes `pool` if the environment ends first.
  void Track(const std::shared_ptr<InstancePool>& pool);

 private:
  explicit EventLoop(Napi::Env env);
  static void End(void* loop);
  static void Wake(napi_env env, napi_value function, void* loop, void* data);
  void Drain(Napi::Env env);
  void WakeLocked();

  napi_threadsafe_function wake_ = nullptr;
  Napi::FunctionReference handler_;
  Napi::FunctionReference release_;
  CompletionWriter writer_;
  std::size_t held_ = 0;
  std::vector<std::weak_ptr<InstancePool>> pools_;
  std::vector<std::thread> background_;

  std::mutex mutex_;
  bool ended_ = false;
  bool woken_ = false;
  std::vector<SlotExecution> executions_;
  std::vector<std::function<void(Napi::Env)>> tasks_;
  std::vector<std::thread::id> finished_;
};

// What every engine's addon exports of its loop: setHandlers(complete, release) and shutdown().
void ExportEventLoop(Napi::Env env, Napi::Object exports);

}  // namespace tandem::binding
