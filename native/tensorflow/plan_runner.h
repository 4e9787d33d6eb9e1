#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/worker_thread.h"
#include "tensorflow/loaded_session.h"

namespace tandem::tensorflow {

// Runs a session by RunOptions, on a thread of its own as an instance would have: oneDNN keeps what it prepares by
// thread, and what was prepared for several threads for an operation would be used, and be slow, in a session with a
// single one.
class PlanRunner {
 public:
  PlanRunner(std::shared_ptr<const LoadedSession> loaded, const std::string& run_options);

  // All outputs for one tensor for each input. Throws what TensorFlow reports.
  std::vector<TensorHandle> Run(std::span<TF_Tensor* const> inputs);

  // Microseconds of each of so many runs, one after the other.
  std::vector<double> Time(std::span<TF_Tensor* const> inputs, int runs);

  const std::shared_ptr<const LoadedSession>& loaded() const { return loaded_; }

 private:
  std::vector<TensorHandle> RunHere(std::span<TF_Tensor* const> inputs) const;

  const std::shared_ptr<const LoadedSession> loaded_;
  const BufferHandle run_options_;
  const StatusHandle status_;
  WorkerThread thread_;
};

// Microseconds of a run of both, warmed up and run in turns, so that what disturbs one disturbs the other. Of all times
// the decile: hardly moved by what else the machine does, and not one lucky run.
std::pair<double, double> CompareTimes(PlanRunner& left, PlanRunner& right, std::span<TF_Tensor* const> inputs);

}  // namespace tandem::tensorflow
