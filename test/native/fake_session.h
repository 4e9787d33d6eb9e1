#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "core/instance_pool.h"

namespace tandem::test {

// A session that does what a test says: by default output 0 is input 0.
class FakeSession final : public Session {
 public:
  using Body = std::function<std::vector<OutputTensor>(std::span<const GatheredInput>)>;
  explicit FakeSession(Body body) : body_(std::move(body)) {}

  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t>, Phases&,
                                const std::shared_ptr<Loan>&) override {
    return body_(inputs);
  }

 private:
  const Body body_;
};

inline std::vector<OutputTensor> Copy(std::span<const GatheredInput> inputs) {
  const GatheredInput& input = inputs.front();
  const auto memory = AllocateAligned(input.byte_size);
  input.CopyTo(memory.get());
  OutputTensor output;
  output.type = input.type;
  output.shape = input.shape;
  output.data = memory;
  output.byte_size = input.byte_size;
  return {output};
}

// Collects outcomes and lets a test wait for them.
class Collector final : public ExecutionSink {
 public:
  void Push(Execution execution) override {
    const std::lock_guard lock(mutex_);
    executions_.push_back(std::move(execution));
    arrived_.notify_all();
  }

  // Blocks until `count` executions are there.
  std::vector<Execution>& WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return executions_.size() >= count; });
    return executions_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Execution> executions_;
};

// Holds sessions' threads until it is opened.
class Gate {
 public:
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void Pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  // Blocks until `count` threads have come.
  void WaitForArrival(int count = 1) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return arrived_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int arrived_ = 0;
};

template <typename Number>
std::span<const std::byte> BytesOf(const std::vector<Number>& values) {
  return std::as_bytes(std::span(values));
}

inline Request MakeRequest(std::uint32_t token, std::int64_t rows, std::span<const std::byte> bytes, Shape shape = {}) {
  Request request;
  request.token = token;
  request.rows = rows;
  request.inputs.push_back({true, bytes, std::move(shape)});
  return request;
}

inline Batch MakeBatch(Request request) {
  Batch batch;
  batch.Add(std::move(request));
  return batch;
}

}  // namespace tandem::test
