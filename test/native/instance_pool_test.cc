#include "core/instance_pool.h"

#include <atomic>
#include <cstring>

#include "check.h"
#include "fake_session.h"

namespace tandem {
namespace {

using test::BytesOf;
using test::Collector;
using test::Copy;
using test::FakeSession;
using test::Gate;
using test::MakeBatch;
using test::MakeRequest;

const std::vector<TensorSpec> kInputs{{"x", DataType::kInt32, {-1}, true}};
const std::vector<std::int32_t> kValues{1, 2, 3, 4, 5, 6, 7, 8};

struct Pool {
  std::shared_ptr<Collector> collector = std::make_shared<Collector>();
  std::unique_ptr<InstancePool> pool;

  explicit Pool(FakeSession::Body body, std::int64_t coalesce_rows = 0, int instances = 1) {
    std::vector<std::unique_ptr<Session>> sessions;
    for (int i = 0; i < instances; ++i) sessions.push_back(std::make_unique<FakeSession>(body));
    pool = std::make_unique<InstancePool>(kInputs, 1, std::move(sessions), coalesce_rows, collector);
  }

  void Enqueue(std::uint32_t token, std::int64_t rows, std::uint32_t instance = kAnyInstance) {
    pool->Enqueue(MakeBatch(MakeRequest(token, rows, BytesOf(kValues).first(static_cast<std::size_t>(rows) * 4))),
                  instance);
  }
};

struct Gated {
  Gate gate;
};

// A pool whose instances wait at a gate before they run; the gate outlives them.
struct GatedPool : Gated, Pool {
  explicit GatedPool(std::int64_t coalesce_rows = 0, int instances = 1)
      : Pool(
            [this](auto inputs) {
              gate.Pass();
              return Copy(inputs);
            },
            coalesce_rows, instances) {}
};

TEST("a pool is there when every session has entered its thread") {
  class Entering final : public Session {
   public:
    explicit Entering(std::atomic<int>& entered) : entered_(entered) {}
    void EnterThread() override {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ++entered_;
    }
    std::vector<OutputTensor> Run(std::span<const GatheredInput>, std::span<const std::uint32_t>, Phases&,
                                  const std::shared_ptr<Loan>&) override {
      return {};
    }

   private:
    std::atomic<int>& entered_;
  };
  std::atomic<int> entered = 0;
  std::vector<std::unique_ptr<Session>> sessions;
  for (int i = 0; i < 3; ++i) sessions.push_back(std::make_unique<Entering>(entered));
  const InstancePool pool(kInputs, 1, std::move(sessions), 0, std::make_shared<Collector>());
  CHECK(entered == 3);
}

TEST("a batch comes back with its outputs and the times of its phases in order") {
  Pool pool(Copy);
  pool.Enqueue(7, 2);
  const Execution& done = pool.collector->WaitFor(1).front();
  CHECK(done.failure.code == Code::kOk);
  CHECK(done.batch.requests.front().token == 7);
  CHECK(std::memcmp(done.outputs.front().data.get(), kValues.data(), 8) == 0);
  CHECK(done.phases.start > 0 && done.phases.start <= done.phases.inputs_ready);
  CHECK(done.phases.inputs_ready <= done.phases.outputs_start && done.phases.outputs_start <= done.phases.end);
}

TEST("what an engine throws comes back as a failure with its code, and the instance lives on") {
  std::atomic<int> calls = 0;
  Pool pool([&calls](auto inputs) {
    if (calls++ == 0) throw Error(Code::kFailedPrecondition, "no such table");
    if (calls == 2) throw std::runtime_error("foreign");
    if (calls == 3) throw std::bad_alloc();
    return Copy(inputs);
  });
  for (std::uint32_t token = 0; token < 4; ++token) pool.Enqueue(token, 1);
  const auto& done = pool.collector->WaitFor(4);
  CHECK(done[0].failure.code == Code::kFailedPrecondition && done[0].failure.message == "no such table");
  CHECK(done[1].failure.code == Code::kInternal && done[1].failure.message == "model execution failed: foreign");
  CHECK(done[2].failure.code == Code::kResourceExhausted);
  CHECK(done[3].failure.code == Code::kOk);
}

TEST("inputs made of a batch stand behind those of its requests; one that cannot be made fails the batch") {
  const auto collector = std::make_shared<Collector>();
  std::vector<std::unique_ptr<Session>> sessions;
  sessions.push_back(std::make_unique<FakeSession>([](auto inputs) { return Copy(inputs.subspan(1)); }));
  InstancePool pool(kInputs, 1, std::move(sessions), 0, collector,
                    {{"count", BatchInputKind::kElementCount, DataType::kInt32, 0}});
  pool.Enqueue(MakeBatch(MakeRequest(1, 3, BytesOf(kValues).first(12))));
  pool.Enqueue(MakeBatch(Request{2, 1, {InputView{}}, {}}));
  const auto& done = collector->WaitFor(2);
  CHECK((done[0].outputs.front().shape == Shape{1}));
  CHECK(std::memcmp(done[0].outputs.front().data.get(), &kValues[2], 4) == 0);
  CHECK(done[1].failure.code == Code::kInvalidArgument);
}

TEST("without coalescing every batch is executed alone, in order") {
  GatedPool pool;
  for (std::uint32_t token = 0; token < 3; ++token) pool.Enqueue(token, 1);
  pool.gate.Open();
  const auto& done = pool.collector->WaitFor(3);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(done[i].batch.requests.front().token == i && done[i].batch.rows == 1);
}

TEST("an instance that becomes free takes what is queued, as far as the rows fit") {
  GatedPool pool(4);
  pool.Enqueue(0, 1);
  pool.gate.WaitForArrival();
  for (std::uint32_t token = 1; token < 4; ++token) pool.Enqueue(token, token == 3 ? 3 : 1);
  pool.gate.Open();
  const auto& done = pool.collector->WaitFor(3);
  CHECK(done[0].batch.rows == 1);
  CHECK(done[1].batch.rows == 2 && done[1].batch.requests.size() == 2);
  CHECK(done[2].batch.rows == 3);
}

TEST("coalescing stops at a batch of another shape") {
  GatedPool pool(8);
  pool.Enqueue(0, 1);
  pool.gate.WaitForArrival();
  pool.pool->Enqueue(MakeBatch(MakeRequest(1, 1, BytesOf(kValues).first(8), {1, 2})));
  pool.pool->Enqueue(MakeBatch(MakeRequest(2, 1, BytesOf(kValues).first(8), {1, 2})));
  pool.Enqueue(3, 1);
  pool.gate.Open();
  const auto& done = pool.collector->WaitFor(3);
  CHECK(done[1].batch.requests.size() == 2 && done[2].batch.requests.front().token == 3);
}

TEST("coalescing does not stop at another shape of a ragged input") {
  Gate gate;
  const auto collector = std::make_shared<Collector>();
  std::vector<std::unique_ptr<Session>> sessions;
  sessions.push_back(std::make_unique<FakeSession>([&gate](auto inputs) {
    gate.Pass();
    return Copy(inputs);
  }));
  const std::vector<TensorSpec> ragged{{"x", DataType::kInt32, {-1, -1}, true, true}};
  InstancePool pool(ragged, 1, std::move(sessions), 8, collector);
  const auto enqueue = [&pool](std::uint32_t token, std::int64_t length) {
    const auto bytes = BytesOf(kValues).first(static_cast<std::size_t>(length) * 4);
    pool.Enqueue(MakeBatch(MakeRequest(token, 1, bytes, {1, length})));
  };
  enqueue(0, 1);
  gate.WaitForArrival();
  enqueue(1, 2);
  enqueue(2, 5);
  gate.Open();
  const auto& done = collector->WaitFor(2);
  CHECK(done[1].batch.requests.size() == 2);
  CHECK((done[1].outputs.front().shape == Shape{7}));
}

TEST("two instances run at the same time") {
  GatedPool pool(0, 2);
  pool.Enqueue(0, 1);
  pool.Enqueue(1, 1);
  pool.gate.WaitForArrival(2);  // would never come with one instance
  pool.gate.Open();
  CHECK(pool.collector->WaitFor(2).size() == 2);
}

TEST("a batch for one instance is run by that one, also while others have nothing to do") {
  GatedPool pool(0, 2);
  pool.Enqueue(0, 1, 1);
  pool.gate.WaitForArrival();
  pool.Enqueue(1, 1, 1);
  CHECK(pool.pool->queued() == 1);
  pool.Enqueue(2, 1);
  pool.gate.WaitForArrival(2);
  CHECK(pool.pool->queued() == 1);  // still the one for the instance that is busy
  pool.gate.Open();
  for (const Execution& done : pool.collector->WaitFor(3)) {
    CHECK(done.instance == (done.batch.requests.front().token == 2 ? 0 : 1));
  }
}

TEST("an instance runs what is for it alone before what any may take") {
  GatedPool pool;
  pool.Enqueue(0, 1);
  pool.gate.WaitForArrival();
  pool.Enqueue(1, 1);
  pool.Enqueue(2, 1, 0);
  pool.gate.Open();
  const auto& done = pool.collector->WaitFor(3);
  CHECK(done[1].batch.requests.front().token == 2 && done[2].batch.requests.front().token == 1);
}

TEST("what is queued for one instance can be cancelled, and fails when the pool closes, saying for which it was") {
  GatedPool pool(0, 2);
  pool.Enqueue(0, 1, 1);
  pool.gate.WaitForArrival();
  pool.Enqueue(1, 1, 1);
  pool.Enqueue(2, 1, 1);
  CHECK(pool.pool->Cancel(1));
  std::thread closer([&pool] { pool.pool->Close(); });
  const Execution& refused = pool.collector->WaitFor(1).front();
  CHECK(refused.batch.requests.front().token == 2 && refused.instance == 1);
  CHECK(refused.failure.code == Code::kUnavailable);
  pool.gate.Open();
  closer.join();
}

TEST("a queued request can be cancelled, a running one and an unknown one cannot") {
  GatedPool pool;
  pool.Enqueue(0, 1);
  pool.gate.WaitForArrival();
  pool.Enqueue(1, 1);
  pool.Enqueue(2, 1);
  CHECK(pool.pool->queued() == 2);
  CHECK(!pool.pool->Cancel(0));
  CHECK(pool.pool->Cancel(1));
  CHECK(!pool.pool->Cancel(1));
  CHECK(!pool.pool->Cancel(99));
  CHECK(pool.pool->queued() == 1);
  pool.gate.Open();
  const auto& done = pool.collector->WaitFor(2);
  CHECK(done[0].batch.requests.front().token == 0 && done[1].batch.requests.front().token == 2);
}

TEST("closing waits for what runs, fails what is queued and refuses what comes later") {
  GatedPool pool;
  pool.Enqueue(0, 1);
  pool.gate.WaitForArrival();
  pool.Enqueue(1, 1);
  std::thread closer([&pool] { pool.pool->Close(); });
  CHECK(pool.collector->WaitFor(1).front().failure.code == Code::kUnavailable);
  pool.gate.Open();
  closer.join();
  pool.Enqueue(2, 1);
  const auto& done = pool.collector->WaitFor(3);
  CHECK(done[0].batch.requests.front().token == 1);
  CHECK(done[1].batch.requests.front().token == 0 && done[1].failure.code == Code::kOk);
  CHECK(done[2].batch.requests.front().token == 2 && done[2].failure.code == Code::kUnavailable);
}

TEST("a pool may be closed twice, and by two threads at once") {
  Pool pool(Copy);
  std::thread other([&pool] { pool.pool->Close(); });
  pool.pool->Close();
  other.join();
  pool.pool->Close();
}

}  // namespace
}  // namespace tandem
