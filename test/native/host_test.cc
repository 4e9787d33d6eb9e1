#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <thread>

#include "check.h"
#include "fake_session.h"
#include "host/hosted_session.h"
#include "host/session_server.h"

namespace tandem::host {
namespace {

using test::BytesOf;
using test::Copy;
using test::FailureOf;
using test::FakeSession;

const std::vector<TensorSpec> kOutputs{{"y", DataType::kInt32, {-1}, true}};

// A host in this process, and the server's session that uses it.
class Pair {
 public:
  explicit Pair(FakeSession::Body body, std::chrono::milliseconds timeout = {})
      : body_(std::move(body)), session(link, "model 'm' version 1", kOutputs, timeout) {
    Start();
  }

  // A new host in place of the one before.
  void Start() {
    server_ = nullptr;
    std::array<int, 2> ends{};
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()) == 0);
    const auto arena = std::make_shared<Arena>(ArenaSizes{4096, 4096});
    std::vector<std::unique_ptr<Session>> sessions;
    sessions.push_back(std::make_unique<FakeSession>(body_));
    const std::array<Channel, 1> channels{{{ends[1], dup(arena->descriptor())}}};
    process = std::make_shared<HostProcess>();
    link->Attach(std::make_shared<HostConnection>(ends[0], arena, process));
    server_ = std::make_unique<SessionServer>(std::move(sessions), channels, 1);
  }

  void Stop() { server_ = nullptr; }

  std::vector<OutputTensor> Run(const std::vector<std::int32_t>& values) {
    GatheredInput input;
    input.present = true;
    input.type = DataType::kInt32;
    input.shape = {static_cast<std::int64_t>(values.size())};
    input.pieces = {BytesOf(values)};
    input.byte_size = values.size() * 4;
    Phases phases;
    constexpr std::array<std::uint32_t, 1> kAll{0};
    return session.Run(std::span(&input, 1), kAll, phases, std::make_shared<Loan>());
  }

 private:
  FakeSession::Body body_;
  std::unique_ptr<SessionServer> server_;

 public:
  std::shared_ptr<HostLink> link = std::make_shared<HostLink>();
  std::shared_ptr<HostProcess> process;
  HostedSession session;
};

std::vector<std::int32_t> Numbers(std::size_t count) {
  std::vector<std::int32_t> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<std::int32_t>(i);
  return numbers;
}

bool Holds(const OutputTensor& output, const std::vector<std::int32_t>& values) {
  return output.byte_size == values.size() * 4 &&
         (values.empty() || std::memcmp(output.data.get(), values.data(), output.byte_size) == 0);
}

OutputTensor Claim(DataType type, Shape shape, std::size_t byte_size) {
  OutputTensor output;
  output.type = type;
  output.shape = std::move(shape);
  output.byte_size = byte_size;
  output.data = AllocateAligned(byte_size);
  return output;
}

TEST("an arena gives blocks that do not touch, and takes their memory again") {
  const auto arena = std::make_shared<Arena>(ArenaSizes{4096, 4096});
  auto first = arena->Allocate(1000);
  const auto second = arena->Allocate(1000);
  CHECK(first->offset() % kAlignment == 0 && second->offset() >= first->offset() + first->byte_size());
  const std::size_t place = first->offset();
  first = nullptr;
  CHECK(arena->Allocate(900)->offset() == place);
  CHECK(arena->size() == 4096);
}

TEST("an arena grows by what is asked for, and blocks lie in one piece of it") {
  const auto arena = std::make_shared<Arena>(ArenaSizes{4096, 8192});
  const auto small = arena->Allocate(4096);
  const auto large = arena->Allocate(100000);
  CHECK(large->offset() == 4096 && arena->size() >= 104096);
  std::memset(large->memory(), 1, large->byte_size());
  const auto next = arena->Allocate(64);
  CHECK(next->offset() >= large->offset() + large->byte_size());
}

TEST("pieces that are free do not make one block across their border") {
  const auto arena = std::make_shared<Arena>(ArenaSizes{4096, 4096});
  auto first = arena->Allocate(4096);
  auto second = arena->Allocate(4096);
  first = nullptr;
  second = nullptr;
  const auto both = arena->Allocate(8192);
  CHECK(both->offset() == 8192);
}

TEST("the end of a block that is not needed is free at once") {
  const auto arena = std::make_shared<Arena>(ArenaSizes{4096, 4096});
  const auto block = arena->Allocate(4096);
  block->Shrink(100);
  CHECK(block->byte_size() == 128);
  CHECK(arena->Allocate(3968)->offset() == 128);
}

TEST("a block keeps its arena") {
  auto arena = std::make_shared<Arena>();
  const auto block = arena->Allocate(100);
  arena = nullptr;
  std::memset(block->memory(), 7, 100);
  CHECK(block->memory()[99] == std::byte{7});
}

TEST("batches of every size come back through shared memory") {
  Pair pair(Copy);
  for (const std::size_t count : {1, 0, 5000, 100, 300000, 2}) {
    const auto values = Numbers(count);
    const auto outputs = pair.Run(values);
    CHECK(outputs.size() == 1 && outputs.front().shape == Shape{static_cast<std::int64_t>(count)});
    CHECK(Holds(outputs.front(), values));
  }
}

TEST("outputs stay as they are while later batches run, and after the host has gone") {
  Pair pair(Copy);
  std::vector<std::vector<OutputTensor>> kept;
  for (std::size_t count = 1; count < 2000; count += 300) kept.push_back(pair.Run(Numbers(count)));
  pair.Stop();
  pair.link->Detach();
  std::size_t count = 1;
  for (const auto& outputs : kept) {
    CHECK(Holds(outputs.front(), Numbers(count)));
    count += 300;
  }
}

TEST("an error of the model keeps its code and message, and the next batch runs") {
  Pair pair([failed = false](auto inputs) mutable {
    if (!std::exchange(failed, true)) throw Error(Code::kInvalidArgument, "seven is no number");
    return Copy(inputs);
  });
  const Failure failure = FailureOf([&] { pair.Run({7}); });
  CHECK(failure.code == Code::kInvalidArgument && failure.message == "seven is no number");
  CHECK(Holds(pair.Run({8}).front(), {8}));
}

TEST("a batch whose host ends is kInternal, and the next one waits for another host") {
  test::Gate gate;
  int runs = 0;
  Pair pair([&](auto inputs) {
    if (runs++ == 0) gate.Pass();
    return Copy(inputs);
  });
  std::thread ending([&] {
    gate.WaitForArrival();
    std::thread opening([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      gate.Open();
    });
    pair.Stop();  // shuts the socket, then waits for the run
    opening.join();
  });
  const Failure failure = FailureOf([&] { pair.Run({1}); });
  ending.join();
  CHECK(failure.code == Code::kInternal);
  CHECK(failure.message.find("model 'm' version 1 ended while it executed this batch") != std::string::npos);
  CHECK(pair.process->killed());
  std::thread starting([&] { pair.Start(); });
  CHECK(Holds(pair.Run({2}).front(), {2}));
  starting.join();
}

TEST("an execution over its time is kDeadlineExceeded, and its host is of no more use") {
  test::Gate gate;
  Pair pair(
      [&](auto inputs) {
        gate.Pass();
        return Copy(inputs);
      },
      std::chrono::milliseconds(20));
  CHECK(CODE_OF(pair.Run({1})) == Code::kDeadlineExceeded);
  CHECK(pair.process->killed());
  gate.Open();
}

TEST("who waits for a host is told that there will be none") {
  Pair pair(Copy);
  pair.link->Detach();
  std::thread failing([&] { pair.link->Fail({Code::kUnavailable, "given up"}); });
  const Failure failure = FailureOf([&] { pair.Run({1}); });
  failing.join();
  CHECK(failure.code == Code::kUnavailable && failure.message == "given up");
}

TEST("closing ends the wait for a host") {
  Pair pair(Copy);
  pair.link->Detach();
  std::thread waiting([&] { pair.session.AwaitReady(); });
  pair.session.StopWaiting();
  waiting.join();
}

TEST("outputs that are not what they claim to be are an error of the model") {
  const std::vector<OutputTensor> lies{
      Claim(DataType::kInt32, {3}, 8),  Claim(DataType::kInvalid, {2}, 8), Claim(static_cast<DataType>(99), {2}, 8),
      Claim(DataType::kInt32, {-1}, 4), Claim(DataType::kBytes, {5}, 4),
  };
  for (const OutputTensor& lie : lies) {
    Pair pair([&](auto) { return std::vector{lie}; });
    CHECK(CODE_OF(pair.Run({1})) != Code::kOk);
    CHECK(pair.process->killed());
  }
  Pair too_many([](auto inputs) { return std::vector{Copy(inputs).front(), Copy(inputs).front()}; });
  CHECK(CODE_OF(too_many.Run({1})) == Code::kInternal);
}

TEST("packets that are too short or make no sense are refused") {
  constexpr std::array<std::int64_t, 3> kWords{2, -1, 300};
  PacketReader reader(kWords);
  CHECK(reader.kind() == PacketKind::kDone);
  CHECK(CODE_OF(reader.Size()) == Code::kInternal);
  CHECK(CODE_OF(reader.Text()) == Code::kInternal);
  CHECK(CODE_OF(reader.Number()) == Code::kInternal);
}

}  // namespace
}  // namespace tandem::host
