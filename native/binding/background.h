#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "binding/event_loop.h"
#include "core/error.h"

namespace tandem::binding {

// A failure as JavaScript sees it: an Error with a numeric `code` (ServingError.from reads it).
inline Napi::Error ToJavaScript(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.message);
  error.Value().Set("code", Napi::Number::New(env, static_cast<int>(failure.code)));
  return error;
}

// Runs `work` on a thread of its own and settles the promise with what `wrap(env, result)` makes of its result, or
// rejects it. Loading a model takes seconds; libuv's pool of four is for files and DNS.
template <typename Work, typename Wrap>
Napi::Promise RunInBackground(Napi::Env env, std::string doing, Work work, Wrap wrap) {
  const auto loop = EventLoop::For(env);
  auto deferred = std::make_shared<Napi::Promise::Deferred>(env);
  loop->Hold(env, 1);
  loop->Spawn([loop, deferred, doing = std::move(doing), work = std::move(work), wrap]() mutable {
    using Result = decltype(work());
    Failure failure;
    auto result = std::make_shared<Result>();
    try {
      *result = work();
    } catch (...) {
      failure = CurrentFailure(doing);
    }
    loop->Post([loop, deferred, failure = std::move(failure), result, wrap](Napi::Env later) {
      loop->Unhold(later, 1);
      if (failure.code == Code::kOk) {
        deferred->Resolve(wrap(later, std::move(*result)));
      } else {
        deferred->Reject(ToJavaScript(later, failure).Value());
      }
    });
  });
  return deferred->Promise();
}

// Calls `body` and throws what it throws as a JavaScript error.
template <typename Body>
auto Guarded(Napi::Env env, const char* doing, Body body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw ToJavaScript(env, CurrentFailure(doing));
  }
}

}  // namespace tandem::binding
