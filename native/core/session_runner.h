#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "core/sample.h"
#include "core/session.h"
#include "core/worker_thread.h"

namespace tandem {

// Runs a session with made-up inputs, on a thread of its own as an instance would have: oneDNN keeps what it prepares
// by thread, and what was prepared for several threads for an operation would be used, and be slow, with a single one.
class SessionRunner {
 public:
  SessionRunner(std::unique_ptr<Session> session, std::size_t output_count);

  // All outputs. Throws what the engine reports.
  std::vector<OutputTensor> Run(const Sample& sample);

  // Microseconds of each of so many runs, one after the other.
  std::vector<double> Time(const Sample& sample, int runs);

 private:
  const std::unique_ptr<Session> session_;
  std::vector<std::uint32_t> outputs_;
  WorkerThread thread_;  // last: it uses the others
};

// Microseconds of a run of both, warmed up and run in turns, so that what disturbs one disturbs the other. Of all times
// the decile: hardly moved by what else the machine does, and not one lucky run.
std::pair<double, double> CompareTimes(SessionRunner& left, SessionRunner& right, const Sample& sample);

// All outputs of the session for `sample`, on the calling thread.
std::vector<OutputTensor> RunSample(Session& session, std::span<const std::uint32_t> outputs, const Sample& sample);

}  // namespace tandem
