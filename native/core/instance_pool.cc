#include "core/instance_pool.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <utility>

namespace tandem {

InstancePool::InstancePool(std::vector<TensorSpec> inputs, std::size_t output_count,
                           std::vector<std::unique_ptr<Session>> sessions, std::int64_t coalesce_rows,
                           std::shared_ptr<ExecutionSink> sink)
    : inputs_(std::move(inputs)),
      output_count_(output_count),
      coalesce_rows_(coalesce_rows),
      sink_(std::move(sink)),
      sessions_(std::move(sessions)) {
  threads_.reserve(sessions_.size());
  for (const auto& session : sessions_) {
    threads_.emplace_back([this, &session = *session] { RunInstance(session); });
  }
}

InstancePool::~InstancePool() { Close(); }

void InstancePool::Enqueue(Batch batch) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      queue_.push_back(std::move(batch));
      wake = idle_ > 0;
    }
  }
  if (wake) {
    available_.notify_one();
  } else if (!batch.requests.empty()) {  // not moved from: the pool is closed
    Execution refused;
    refused.batch = std::move(batch);
    refused.failure = {Code::kUnavailable, "the model has been closed"};
    sink_->Push(std::move(refused));
  }
}

bool InstancePool::Cancel(std::uint32_t token) {
  const std::lock_guard lock(mutex_);
  for (auto batch = queue_.begin(); batch != queue_.end(); ++batch) {
    const auto request = std::find_if(batch->requests.begin(), batch->requests.end(),
                                      [token](const Request& candidate) { return candidate.token == token; });
    if (request == batch->requests.end()) continue;
    batch->rows -= request->rows;
    batch->requests.erase(request);
    if (batch->requests.empty()) queue_.erase(batch);
    return true;
  }
  return false;
}

std::size_t InstancePool::queued() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const Batch& batch : queue_) count += batch.requests.size();
  return count;
}

void InstancePool::Close() {
  const std::lock_guard closing(close_mutex_);
  std::deque<Batch> abandoned;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    abandoned.swap(queue_);
  }
  available_.notify_all();
  for (Batch& batch : abandoned) Enqueue(std::move(batch));
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const bool freed = !sessions_.empty();
  sessions_.clear();
  if (!freed) return;
#ifdef __GLIBC__
  // A model's memory came from the arenas of many threads; what is left in fragments goes back to the system now.
  malloc_trim(0);
#endif
}

void InstancePool::RunInstance(Session& session) {
  session.EnterThread();
  Batch batch;
  while (Take(batch)) sink_->Push(Execute(session, std::exchange(batch, {})));
}

bool InstancePool::Take(Batch& batch) {
  std::unique_lock lock(mutex_);
  ++idle_;
  available_.wait(lock, [this] { return closed_ || !queue_.empty(); });
  --idle_;
  if (queue_.empty()) return false;
  batch = std::move(queue_.front());
  queue_.pop_front();
  while (!queue_.empty() && batch.rows + queue_.front().rows <= coalesce_rows_ && batch.AgreesWith(queue_.front())) {
    for (Request& request : queue_.front().requests) batch.Add(std::move(request));
    queue_.pop_front();
  }
  return true;
}

Execution InstancePool::Execute(Session& session, Batch batch) const {
  Execution execution;
  execution.loan = std::make_shared<Loan>();
  execution.phases.start = NowNanos();
  try {
    execution.positions = OutputsWanted(batch, output_count_);
    const std::vector<GatheredInput> inputs = Gather(batch, inputs_);
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
