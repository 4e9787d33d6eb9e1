#include "host/packet.h"

#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

namespace tandem::host {
namespace {

// More dimensions no engine has.
constexpr std::int64_t kLargestRank = 255;

[[noreturn]] void Malformed() { throw Error(Code::kInternal, "malformed packet between the server and a host"); }

}  // namespace

void PacketWriter::Begin(PacketKind kind) {
  words_.clear();
  Add(static_cast<std::int64_t>(kind));
}

void PacketWriter::Add(const PlacedTensor& tensor) {
  Add(static_cast<std::int64_t>(tensor.type));
  Add(static_cast<std::int64_t>(tensor.offset));
  Add(static_cast<std::int64_t>(tensor.byte_size));
  Add(static_cast<std::int64_t>(tensor.shape.size()));
  words_.insert(words_.end(), tensor.shape.begin(), tensor.shape.end());
}

void PacketWriter::AddText(std::string_view text) {
  Add(static_cast<std::int64_t>(text.size()));
  const std::size_t at = words_.size();
  words_.resize(at + (text.size() + sizeof(std::int64_t) - 1) / sizeof(std::int64_t));
  if (!text.empty()) std::memcpy(words_.data() + at, text.data(), text.size());
}

PacketKind PacketReader::kind() { return static_cast<PacketKind>(Number()); }

std::int64_t PacketReader::Number() {
  if (words_.empty()) Malformed();
  const std::int64_t number = words_.front();
  words_ = words_.subspan(1);
  return number;
}

std::size_t PacketReader::Size() {
  const std::int64_t number = Number();
  if (number < 0) Malformed();
  return static_cast<std::size_t>(number);
}

PlacedTensor PacketReader::Tensor() {
  PlacedTensor tensor;
  tensor.type = static_cast<DataType>(Number());
  tensor.offset = Size();
  tensor.byte_size = Size();
  const std::int64_t rank = Number();
  if (rank < 0 || rank > kLargestRank) Malformed();
  for (std::int64_t i = 0; i < rank; ++i) tensor.shape.push_back(Number());
  return tensor;
}

std::string PacketReader::Text() {
  const std::size_t length = Size();
  if (length > words_.size_bytes()) Malformed();
  return {reinterpret_cast<const char*>(words_.data()), length};
}

PacketSocket::~PacketSocket() { close(descriptor_); }

bool PacketSocket::Send(std::span<const std::byte> packet) {
  for (;;) {
    if (send(descriptor_, packet.data(), packet.size(), MSG_NOSIGNAL) >= 0) return true;
    if (errno == EINTR) continue;
    if (errno == EMSGSIZE) {
      throw Error(Code::kResourceExhausted,
                  "a batch has too many tensors for a host: " + std::to_string(packet.size()) + " bytes describe them");
    }
    return false;
  }
}

std::optional<PacketSocket::Outcome> PacketSocket::Look(int flags) {
  const ssize_t received = recv(descriptor_, buffer_.data(), buffer_.size() * sizeof(std::int64_t), flags);
  if (received > 0) {
    // A text's last word may be cut short by a host that does not fill it up.
    length_ = (static_cast<std::size_t>(received) + sizeof(std::int64_t) - 1) / sizeof(std::int64_t);
    return Outcome::kPacket;
  }
  if (received < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
  return Outcome::kEnded;
}

PacketSocket::Outcome PacketSocket::ReceiveAwake(std::chrono::microseconds awake, std::chrono::milliseconds timeout) {
  const auto end = std::chrono::steady_clock::now() + awake;
  do {
    if (const auto outcome = Look(MSG_DONTWAIT)) return *outcome;
    sched_yield();
  } while (std::chrono::steady_clock::now() < end);
  return Receive(timeout);
}

PacketSocket::Outcome PacketSocket::Receive(std::chrono::milliseconds timeout) {
  if (timeout.count() > 0) {
    pollfd waiting{descriptor_, POLLIN, 0};
    const auto end = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
      const int ready = poll(&waiting, 1, std::max(0, static_cast<int>(left.count())));
      if (ready > 0) break;
      if (ready == 0) return Outcome::kTimeout;
      if (errno != EINTR) return Outcome::kEnded;
    }
  }
  for (;;) {
    if (const auto outcome = Look(0)) return *outcome;
  }
}

void PacketSocket::Shutdown() { shutdown(descriptor_, SHUT_RDWR); }

}  // namespace tandem::host
