#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

namespace tandem {

// Counts the buffers of one execution that an engine uses without having copied them. Most engines give them back
// before the execution ends; a model that keeps an input (assigns it to a variable, say) gives it back later, and
// until then the caller must keep the memory.
class Loan {
 public:
  void Borrow(std::span<const std::byte> memory) {
    const std::lock_guard lock(mutex_);
    ++outstanding_;
    lent_.push_back(memory);
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

  bool outstanding() const {
    const std::lock_guard lock(mutex_);
    return outstanding_ > 0;
  }

  // Whether anything was lent at all.
  bool used() const {
    const std::lock_guard lock(mutex_);
    return !lent_.empty();
  }

  // Whether `address` lies in a buffer that was lent and is not known to be back.
  bool Covers(const std::byte* address) const {
    const std::lock_guard lock(mutex_);
    return outstanding_ > 0 && std::any_of(lent_.begin(), lent_.end(), [address](std::span<const std::byte> memory) {
             return address >= memory.data() && address < memory.data() + memory.size();
           });
  }

 private:
  mutable std::mutex mutex_;
  int outstanding_ = 0;
  std::vector<std::span<const std::byte>> lent_;
  std::function<void()> on_settled_;
};

}  // namespace tandem
