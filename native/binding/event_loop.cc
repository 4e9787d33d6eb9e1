#include "binding/event_loop.h"

#include <algorithm>
#include <utility>

namespace tandem::binding {
namespace {

void Expect(napi_status status, const char* doing) {
  if (status != napi_ok) Napi::Error::Fatal("tandem", doing);
}

}  // namespace

std::shared_ptr<EventLoop> EventLoop::For(Napi::Env env) {
  auto* existing = env.GetInstanceData<std::shared_ptr<EventLoop>>();
  if (existing != nullptr) return *existing;
  auto* created = new std::shared_ptr<EventLoop>(new EventLoop(env));
  env.SetInstanceData(created);
  return *created;
}

EventLoop::EventLoop(Napi::Env env) {
  napi_value name = Napi::String::New(env, "tandem");
  Expect(napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, Wake, &wake_),
         "cannot create a thread-safe function");
  Expect(napi_unref_threadsafe_function(env, wake_), "cannot release the event loop");
  // Added after the thread-safe function's own hook, so it runs before that one.
  Expect(napi_add_env_cleanup_hook(env, End, this), "cannot add a clean-up hook");
}

void EventLoop::SetHandlers(Napi::Function handler, Napi::Function release) {
  handler_ = Napi::Persistent(handler);
  release_ = Napi::Persistent(release);
}

void EventLoop::Push(std::uint32_t slot, Execution execution) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  executions_.push_back({slot, std::move(execution)});
  WakeLocked();
}

void EventLoop::Post(std::function<void(Napi::Env)> task) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  tasks_.push_back(std::move(task));
  WakeLocked();
}

void EventLoop::WakeLocked() {
  if (std::exchange(woken_, true)) return;
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void EventLoop::Wake(napi_env env, napi_value, void* loop, void*) {
  if (env == nullptr) return;  // the environment is ending
  try {
    try {
      static_cast<EventLoop*>(loop)->Drain(Napi::Env(env));
    } catch (const Napi::Error& error) {  // thrown by a handler: an uncaught exception of the program
      napi_fatal_exception(env, error.Value());
    }
  } catch (const Napi::Error&) {
    // A worker that is being terminated can no longer run JavaScript, so nothing can be handed over.
  }
}

void EventLoop::Drain(Napi::Env env) {
  std::vector<SlotExecution> executions;
  std::vector<std::function<void(Napi::Env)>> tasks;
  {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    executions.swap(executions_);
    tasks.swap(tasks_);
  }
  const Napi::HandleScope scope(env);
  if (!executions.empty()) {
    std::size_t requests = 0;
    for (SlotExecution& done : executions) {
      requests += done.execution.batch.requests.size();
      std::vector<std::uint32_t> tokens;
      for (const Request& request : done.execution.batch.requests) tokens.push_back(request.token);
      done.retained = done.execution.loan != nullptr &&
                      !done.execution.loan->SettledOr([loop = weak_from_this(), slot = done.slot, tokens] {
                        const auto alive = loop.lock();
                        if (!alive) return;
                        alive->Post([alive, slot, tokens](Napi::Env later) {
                          for (const std::uint32_t token : tokens) {
                            alive->release_.Call({Napi::Number::New(later, slot), Napi::Number::New(later, token)});
                          }
                        });
                      });
    }
    const Completions completions = writer_.Write(env, std::move(executions));
    handler_.Call({completions.numbers, completions.buffers, completions.messages});
    Unhold(env, requests);
  }
  for (auto& task : tasks) task(env);
}

void EventLoop::Spawn(std::function<void()> work) {
  {  // join those that have ended, so that the list does not grow
    const std::lock_guard lock(mutex_);
    for (const std::thread::id id : finished_) {
      const auto thread = std::find_if(background_.begin(), background_.end(),
                                       [id](const std::thread& candidate) { return candidate.get_id() == id; });
      thread->join();
      background_.erase(thread);
    }
    finished_.clear();
  }
  background_.emplace_back([loop = shared_from_this(), work = std::move(work)] {
    work();
    const std::lock_guard lock(loop->mutex_);
    loop->finished_.push_back(std::this_thread::get_id());
  });
}

void EventLoop::Discard(std::shared_ptr<InstancePool> pool) {
  const bool ended = [this] {
    const std::lock_guard lock(mutex_);
    return ended_;
  }();
  if (!ended) Spawn([pool = std::move(pool)] { pool->Close(); });  // else Shutdown has closed it
}

void EventLoop::Hold(Napi::Env env, std::size_t count) {
  if (std::exchange(held_, held_ + count) == 0) napi_ref_threadsafe_function(env, wake_);
}

void EventLoop::Unhold(Napi::Env env, std::size_t count) {
  held_ -= count;
  if (count > 0 && held_ == 0) napi_unref_threadsafe_function(env, wake_);
}

void EventLoop::Track(const std::shared_ptr<InstancePool>& pool) {
  std::erase_if(pools_, [](const auto& candidate) { return candidate.expired(); });
  pools_.push_back(pool);
}

void EventLoop::Shutdown() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  for (const auto& candidate : std::exchange(pools_, {})) {
    if (const auto pool = candidate.lock()) pool->Close();
  }
  for (std::thread& thread : background_) thread.join();
  background_.clear();
  executions_.clear();
  tasks_.clear();
}

void EventLoop::End(void* data) {
  auto* loop = static_cast<EventLoop*>(data);
  loop->Shutdown();
  loop->handler_.Reset();
  loop->release_.Reset();
  loop->writer_.Reset();
  napi_release_threadsafe_function(loop->wake_, napi_tsfn_abort);
}

void ExportEventLoop(Napi::Env env, Napi::Object exports) {
  const auto set_handlers = [](const Napi::CallbackInfo& info) {
    EventLoop::For(info.Env())->SetHandlers(info[0].As<Napi::Function>(), info[1].As<Napi::Function>());
  };
  const auto shutdown = [](const Napi::CallbackInfo& info) { EventLoop::For(info.Env())->Shutdown(); };
  exports.Set("setHandlers", Napi::Function::New(env, set_handlers, "setHandlers"));
  exports.Set("shutdown", Napi::Function::New(env, shutdown, "shutdown"));
}

}  // namespace tandem::binding
