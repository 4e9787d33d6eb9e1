#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/batch.h"
#include "core/batch_input.h"
#include "core/error.h"
#include "core/session.h"

namespace tandem {

// In place of an instance's number: whichever is free.
inline constexpr std::uint32_t kAnyInstance = 0xffffffff;

// The outcome of one batch.
struct Execution {
  Batch batch;
  std::uint32_t instance = 0;            // which ran it; kAnyInstance if none did
  Failure failure;                       // kOk: `outputs` are there
  std::vector<std::uint32_t> positions;  // which output each of `outputs` is
  std::vector<OutputTensor> outputs;
  Phases phases;
  std::shared_ptr<Loan> loan;  // the callers' buffers that the engine borrowed
};

// Where outcomes go. Called from instance threads.
class ExecutionSink {
 public:
  virtual ~ExecutionSink() = default;
  virtual void Push(Execution execution) = 0;
};

// The instances of a model, a thread each, behind one queue: whichever is free takes the oldest batch, but before that
// what was queued for it alone. With `coalesce_rows` > 0 it also takes the batches right behind it while their shapes
// agree and the rows fit.
class InstancePool {
 public:
  // `inputs` are those that requests bring; `batch_inputs` stand behind them in what sessions are given. Returns when
  // every session has entered its thread.
  InstancePool(std::vector<TensorSpec> inputs, std::size_t output_count, std::vector<std::unique_ptr<Session>> sessions,
               std::int64_t coalesce_rows, std::shared_ptr<ExecutionSink> sink,
               std::vector<BatchInput> batch_inputs = {});
  ~InstancePool();  // Close()

  InstancePool(const InstancePool&) = delete;
  InstancePool& operator=(const InstancePool&) = delete;

  std::size_t instance_count() const { return queues_.size() - 1; }

  // Never blocks on a model. After Close() the batch comes back at once as kUnavailable. `instance`: below
  // instance_count(), in the order of `sessions`, or kAnyInstance.
  void Enqueue(Batch batch, std::uint32_t instance = kAnyInstance);

  // Takes back a request that no instance has started. False if it is running, done or unknown.
  bool Cancel(std::uint32_t token);

  // Requests that no instance has started.
  std::size_t queued() const;

  // Fails what is queued with kUnavailable, waits for what runs, ends the threads, frees the sessions. Blocks:
  // never call it on an event loop. Idempotent.
  void Close();

 private:
  using Queue = std::deque<Batch>;

  void RunInstance(Session& session, std::uint32_t instance);
  // The oldest batch of the instance's own queue, else of the one that all share. False at the end.
  bool Take(std::uint32_t instance, Batch& batch);
  void Refuse(Batch batch, std::uint32_t instance);
  Execution Execute(Session& session, Batch batch) const;

  const std::vector<TensorSpec> inputs_;
  const std::vector<BatchInput> batch_inputs_;
  const std::size_t output_count_;
  const std::int64_t coalesce_rows_;
  const std::shared_ptr<ExecutionSink> sink_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::mutex close_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable available_;
  std::vector<Queue> queues_;  // each instance's own, behind them the one that all share
  std::size_t idle_ = 0;
  bool closed_ = false;
  std::latch entering_;  // the threads whose sessions have not
  std::vector<std::thread> threads_;
};

}  // namespace tandem
