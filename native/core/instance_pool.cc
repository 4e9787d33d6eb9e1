#include "core/instance_pool.h"

#include <algorithm>
#include <utility>

#include "core/freed_memory.h"

namespace tandem {

InstancePool::InstancePool(std::vector<TensorSpec> inputs, std::size_t output_count,
                           std::vector<std::unique_ptr<Session>> sessions, std::int64_t coalesce_rows,
                           std::shared_ptr<ExecutionSink> sink, std::vector<BatchInput> batch_inputs)
    : inputs_(std::move(inputs)),
      batch_inputs_(std::move(batch_inputs)),
      output_count_(output_count),
      coalesce_rows_(coalesce_rows),
      sink_(std::move(sink)),
      sessions_(std::move(sessions)),
      queues_(sessions_.size() + 1),
      entering_(static_cast<std::ptrdiff_t>(sessions_.size())) {
  threads_.reserve(sessions_.size());
  for (std::uint32_t i = 0; i < sessions_.size(); ++i) {
    threads_.emplace_back([this, i, &session = *sessions_[i]] { RunInstance(session, i); });
  }
  entering_.wait();
}

InstancePool::~InstancePool() { Close(); }

void InstancePool::Enqueue(Batch batch, std::uint32_t instance) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      (instance == kAnyInstance ? queues_.back() : queues_[instance]).push_back(std::move(batch));
      wake = idle_ > 0;
    }
  }
  if (wake) {
    // The one that is meant cannot be picked out of those that wait.
    instance == kAnyInstance ? available_.notify_one() : available_.notify_all();
  } else if (!batch.requests.empty()) {  // not moved from: the pool is closed
    Refuse(std::move(batch), instance);
  }
}

bool InstancePool::Cancel(std::uint32_t token) {
  const std::lock_guard lock(mutex_);
  for (Queue& queue : queues_) {
    for (auto batch = queue.begin(); batch != queue.end(); ++batch) {
      const auto request = std::find_if(batch->requests.begin(), batch->requests.end(),
                                        [token](const Request& candidate) { return candidate.token == token; });
      if (request == batch->requests.end()) continue;
      batch->rows -= request->rows;
      batch->requests.erase(request);
      if (batch->requests.empty()) queue.erase(batch);
      return true;
    }
  }
  return false;
}

std::size_t InstancePool::queued() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Queue& queue : queues_) {
    for (const Batch& batch : queue) count += batch.requests.size();
  }
  return count;
}

void InstancePool::Close() {
  const std::lock_guard closing(close_mutex_);
  std::vector<Queue> abandoned(queues_.size());
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    std::swap_ranges(abandoned.begin(), abandoned.end(), queues_.begin());
  }
  available_.notify_all();
  for (const auto& session : sessions_) session->StopWaiting();
  for (std::uint32_t i = 0; i < abandoned.size(); ++i) {
    for (Batch& batch : abandoned[i]) Refuse(std::move(batch), i < instance_count() ? i : kAnyInstance);
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const bool freed = !sessions_.empty();
  sessions_.clear();
  if (freed) ReturnFreedMemory();
}

void InstancePool::Refuse(Batch batch, std::uint32_t instance) {
  Execution refused;
  refused.batch = std::move(batch);
  refused.instance = instance;
  refused.failure = {Code::kUnavailable, "the model has been closed"};
  sink_->Push(std::move(refused));
}

void InstancePool::RunInstance(Session& session, std::uint32_t instance) {
  session.EnterThread();
  entering_.count_down();
  Batch batch;
  for (;;) {
    session.AwaitReady();
    if (!Take(instance, batch)) return;
    Execution execution = Execute(session, std::exchange(batch, {}));
    execution.instance = instance;
    sink_->Push(std::move(execution));
  }
}

bool InstancePool::Take(std::uint32_t instance, Batch& batch) {
  std::unique_lock lock(mutex_);
  const Queue& own = queues_[instance];
  const Queue& shared = queues_.back();
  ++idle_;
  available_.wait(lock, [&] { return closed_ || !own.empty() || !shared.empty(); });
  --idle_;
  if (own.empty() && shared.empty()) return false;
  Queue& queue = own.empty() ? queues_.back() : queues_[instance];
  batch = std::move(queue.front());
  queue.pop_front();
  while (!queue.empty() && batch.rows + queue.front().rows <= coalesce_rows_ &&
         batch.AgreesWith(queue.front(), inputs_)) {
    for (Request& request : queue.front().requests) batch.Add(std::move(request));
    queue.pop_front();
  }
  return true;
}

Execution InstancePool::Execute(Session& session, Batch batch) const {
  Execution execution;
  execution.loan = std::make_shared<Loan>();
  execution.phases.start = NowNanos();
  try {
    execution.positions = OutputsWanted(batch, output_count_);
    std::vector<GatheredInput> inputs = Gather(batch, inputs_);
    for (const BatchInput& input : batch_inputs_) inputs.push_back(MakeBatchInput(input, batch, inputs_));
    execution.outputs = session.Run(inputs, execution.positions, execution.phases, execution.loan);
  } catch (...) {
    execution.failure = CurrentFailure("model execution failed");
  }
  Phases& phases = execution.phases;
  phases.end = NowNanos();
  if (phases.inputs_ready == 0) phases.inputs_ready = phases.end;
  if (phases.outputs_start == 0) phases.outputs_start = phases.end;
  execution.batch = std::move(batch);
  return execution;
}

}  // namespace tandem
