#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/batch.h"
#include "core/loan.h"
#include "core/tensor.h"

namespace tandem {

// Steady-clock nanoseconds: CLOCK_MONOTONIC, the clock behind JavaScript's performance.now().
inline std::int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// When the phases of an execution ended. A session marks the two in the middle.
struct Phases {
  std::int64_t start = 0;
  std::int64_t inputs_ready = 0;
  std::int64_t outputs_start = 0;
  std::int64_t end = 0;
};

// A model as one instance runs it. Implemented once per engine; called by one thread at a time.
class Session {
 public:
  virtual ~Session() = default;

  // Called once on the instance's thread before the first Run.
  virtual void EnterThread() {}

  // Blocks while the session could not run a batch, which some other instance may then take. Called before each.
  virtual void AwaitReady() {}
  // Ends that, once no batch will come any more. From any thread.
  virtual void StopWaiting() {}

  // Runs the model. `outputs` are positions in the model's outputs, and the results are in that order. A buffer that
  // is used without a copy is entered in `loan`. Throws Error, with the engine's own message.
  virtual std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                        Phases& phases, const std::shared_ptr<Loan>& loan) = 0;
};

}  // namespace tandem
