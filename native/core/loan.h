#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace tandem {

// Counts the buffers of one execution that an engine uses without having copied them. Most engines give them back
// before the execution ends; a model that keeps an input (assigns it to a variable, say) gives it back later, and
// until then the caller must keep the memory.
class Loan {
 public:
  void Borrow() {
    const std::lock_guard lock(mutex_);
    ++outstanding_;
  }

  void Return() {
    std::function<void()> settled;
    {
      const std::lock_guard lock(mutex_);
      if (--outstanding_ > 0) return;
      settled = std::move(on_settled_);
    }
    if (settled) settled();
  }

  // True if everything is back. Else `on_settled` runs once it is, on whichever thread returns the last buffer.
  bool SettledOr(std::function<void()> on_settled) {
    const std::lock_guard lock(mutex_);
    if (outstanding_ == 0) return true;
    on_settled_ = std::move(on_settled);
    return false;
  }

  bool outstanding() {
    const std::lock_guard lock(mutex_);
    return outstanding_ > 0;
  }

 private:
  std::mutex mutex_;
  int outstanding_ = 0;
  std::function<void()> on_settled_;
};

}  // namespace tandem
