#pragma once

#include "core/loan.h"

namespace tandem {

// Whether an instance lends callers' memory to its engine. A model may keep an input beyond its execution (assign it to
// a variable): then the caller's later writes would change the model's state. So the first runs are given copies
// whose return is watched; if all come back, later runs borrow; if one ever stays out, every run gets a copy.
class Lending {
 public:
  enum class Mode { kCopy, kWatchedCopy, kBorrow };

  explicit Lending(bool allowed) : mode_(allowed ? Mode::kWatchedCopy : Mode::kCopy) {}

  Mode mode() const { return mode_; }

  // After each run, when the engine has no more use for its inputs.
  void Observe(const Loan& loan) {
    if (mode_ == Mode::kCopy || !loan.used()) return;  // a run that lent nothing tells nothing
    if (loan.outstanding()) {
      mode_ = Mode::kCopy;
    } else if (mode_ == Mode::kWatchedCopy && ++watched_ == kWatchedRuns) {
      mode_ = Mode::kBorrow;
    }
  }

 private:
  static constexpr int kWatchedRuns = 3;
  Mode mode_;
  int watched_ = 0;
};

}  // namespace tandem
