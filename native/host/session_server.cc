#include "host/session_server.h"

#include <cstring>
#include <utility>

#include "core/error.h"
#include "host/arena.h"
#include "host/shared_memory.h"

namespace tandem::host {
namespace {

// Messages are for people; longer ones may not fit into a packet.
constexpr std::size_t kLongestMessage = std::size_t{32} * 1024;

struct ReceivedBatch {
  std::size_t output_offset = 0;
  std::size_t output_capacity = 0;
  std::vector<std::uint32_t> outputs;
  std::vector<GatheredInput> inputs;
};

class InstanceServer {
 public:
  InstanceServer(Session& session, PacketSocket& socket, int memory, std::size_t output_count)
      : session_(session), socket_(socket), arena_(memory), output_count_(output_count) {}

  void Serve() {
    while (socket_.Receive() == PacketSocket::Outcome::kPacket) {
      try {
        Execute();
      } catch (...) {
        const Failure failure = CurrentFailure("model execution failed");
        writer_.Begin(PacketKind::kFailed);
        writer_.Add(static_cast<std::int64_t>(failure.code));
        writer_.AddText(std::string_view(failure.message).substr(0, kLongestMessage));
      }
      socket_.Send(writer_.bytes());
    }
  }

 private:
  void Execute() {
    ReceivedBatch batch = Read();
    Phases phases;
    phases.start = NowNanos();
    const auto loan = std::make_shared<Loan>();
    const std::vector<OutputTensor> outputs = session_.Run(batch.inputs, batch.outputs, phases, loan);
    MakeSureOfRoom(outputs, batch);
    std::vector<PlacedTensor> placed;
    std::size_t offset = batch.output_offset;
    for (const OutputTensor& output : outputs) {
      placed.push_back({output.type, offset, output.byte_size, output.shape});
      std::byte* memory = arena_.At(offset, output.byte_size);
      if (output.byte_size > 0) std::memcpy(memory, output.data.get(), output.byte_size);
      offset += Aligned(output.byte_size);
    }
    phases.end = NowNanos();
    writer_.Begin(PacketKind::kDone);
    for (const std::int64_t time : {phases.start, phases.inputs_ready, phases.outputs_start, phases.end}) {
      writer_.Add(time);
    }
    writer_.Add(loan->outstanding() ? 1 : 0);
    writer_.Add(static_cast<std::int64_t>(placed.size()));
    for (const PlacedTensor& output : placed) writer_.Add(output);
  }

  ReceivedBatch Read() {
    PacketReader reader(socket_.packet());
    if (reader.kind() != PacketKind::kExecute) throw Error(Code::kInternal, "the server sent no batch");
    ReceivedBatch batch;
    arena_.MapUpTo(reader.Size());
    batch.output_offset = reader.Size();
    batch.output_capacity = reader.Size();
    batch.outputs.resize(reader.Size());
    for (std::uint32_t& position : batch.outputs) {
      position = static_cast<std::uint32_t>(reader.Size());
      if (position >= output_count_) throw Error(Code::kInternal, "the server asks for an output that there is not");
    }
    batch.inputs.resize(reader.Size());
    for (GatheredInput& input : batch.inputs) {
      input.present = reader.Number() != 0;
      PlacedTensor placed = reader.Tensor();
      input.type = placed.type;
      input.shape = std::move(placed.shape);
      input.byte_size = placed.byte_size;
      if (input.present) input.pieces.emplace_back(arena_.At(placed.offset, placed.byte_size), placed.byte_size);
    }
    return batch;
  }

  void MakeSureOfRoom(std::span<const OutputTensor> outputs, ReceivedBatch& batch) {
    std::size_t needed = 0;
    for (const OutputTensor& output : outputs) needed += Aligned(output.byte_size);
    if (needed <= batch.output_capacity) return;
    writer_.Begin(PacketKind::kNoRoom);
    writer_.Add(static_cast<std::int64_t>(needed));
    socket_.Send(writer_.bytes());
    if (socket_.Receive() != PacketSocket::Outcome::kPacket) throw Error(Code::kCancelled, "the server has ended");
    PacketReader reader(socket_.packet());
    if (reader.kind() != PacketKind::kMoreRoom) throw Error(Code::kInternal, "the server gives no room for outputs");
    arena_.MapUpTo(reader.Size());
    batch.output_offset = reader.Size();
    batch.output_capacity = reader.Size();
  }

  Session& session_;
  PacketSocket& socket_;
  SharedMemory arena_;
  const std::size_t output_count_;
  PacketWriter writer_;
};

}  // namespace

SessionServer::SessionServer(std::vector<std::unique_ptr<Session>> sessions, std::span<const Channel> channels,
                             std::size_t output_count)
    : sessions_(std::move(sessions)), entering_(static_cast<std::ptrdiff_t>(sessions_.size())) {
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    PacketSocket& socket = *sockets_.emplace_back(std::make_unique<PacketSocket>(channels[i].socket));
    threads_.emplace_back([this, &session = *sessions_[i], &socket, memory = channels[i].memory, output_count] {
      session.EnterThread();
      entering_.count_down();
      InstanceServer(session, socket, memory, output_count).Serve();
    });
  }
  entering_.wait();
}

SessionServer::~SessionServer() {
  for (const auto& socket : sockets_) socket->Shutdown();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace tandem::host
