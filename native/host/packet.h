#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"

namespace tandem::host {

// What the server and a host say to each other about a batch; the layouts are in docs/host-protocol.md.
enum class PacketKind : std::int64_t { kExecute = 1, kDone = 2, kFailed = 3, kNoRoom = 4, kMoreRoom = 5 };

// A tensor in the arena.
struct PlacedTensor {
  DataType type = DataType::kInvalid;
  std::size_t offset = 0;
  std::size_t byte_size = 0;
  Shape shape;
};

class PacketWriter {
 public:
  void Begin(PacketKind kind);
  void Add(std::int64_t number) { words_.push_back(number); }
  void Add(const PlacedTensor& tensor);
  // Its length in bytes, then the text. Only at the end.
  void AddText(std::string_view text);
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(words_)); }

 private:
  std::vector<std::int64_t> words_;
};

// Each throws kInternal where the packet is too short or a number cannot be what it should be.
class PacketReader {
 public:
  explicit PacketReader(std::span<const std::int64_t> words) : words_(words) {}
  PacketKind kind();
  std::int64_t Number();
  std::size_t Size();
  PlacedTensor Tensor();
  std::string Text();

 private:
  std::span<const std::int64_t> words_;
};

// One end of a pair of sockets that carry packets.
class PacketSocket {
 public:
  explicit PacketSocket(int descriptor) : descriptor_(descriptor) {}
  ~PacketSocket();

  PacketSocket(const PacketSocket&) = delete;
  PacketSocket& operator=(const PacketSocket&) = delete;

  // False if nobody is there to receive it.
  bool Send(std::span<const std::byte> packet);

  enum class Outcome { kPacket, kEnded, kTimeout };
  // Waits for a packet; `timeout` 0: for ever. Valid until the next call.
  Outcome Receive(std::chrono::milliseconds timeout = {});
  // The same, but does not sleep at first: going to sleep and being woken takes longer than a short execution.
  Outcome ReceiveAwake(std::chrono::microseconds awake, std::chrono::milliseconds timeout);
  std::span<const std::int64_t> packet() const { return std::span(buffer_).first(length_); }

  // Ends a Receive() on another thread, and both ends.
  void Shutdown();

 private:
  // What recv() with these flags gives; nullopt: nothing yet.
  std::optional<Outcome> Look(int flags);

  const int descriptor_;
  std::vector<std::int64_t> buffer_ = std::vector<std::int64_t>(std::size_t{1} << 15);
  std::size_t length_ = 0;
};

}  // namespace tandem::host
