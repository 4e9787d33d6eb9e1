#include "tensorflow/wire.h"

#include "core/error.h"

namespace tandem::tensorflow {
namespace {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

[[noreturn]] void Malformed() { throw Error(Code::kInvalidArgument, "malformed protobuf message"); }

void PutVarint(std::string& message, std::uint64_t value) {
  while (value >= 0x80) {
    message += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  message += static_cast<char>(value);
}

}  // namespace

bool WireReader::Next(WireField& field) {
  if (rest_.empty()) return false;
  const std::string_view start = rest_;
  const std::uint64_t tag = ReadVarint();
  field = {};
  field.id = static_cast<std::uint32_t>(tag >> 3);
  switch (tag & 7) {
    case kVarint:
      field.number = ReadVarint();
      break;
    case kFixed64:
      field.bytes = Take(8);
      break;
    case kLengthDelimited:
      field.bytes = Take(ReadVarint());
      break;
    case kFixed32:
      field.bytes = Take(4);
      break;
    default:
      Malformed();
  }
  field.whole = start.substr(0, start.size() - rest_.size());
  return true;
}

std::uint64_t WireReader::ReadVarint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) Malformed();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  Malformed();
}

std::string_view WireReader::Take(std::uint64_t size) {
  if (size > rest_.size()) Malformed();
  const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(taken.size());
  return taken;
}

void PutNumber(std::string& message, std::uint32_t id, std::uint64_t number) {
  PutVarint(message, std::uint64_t{id} << 3 | kVarint);
  PutVarint(message, number);
}

void PutBytes(std::string& message, std::uint32_t id, std::string_view bytes) {
  PutVarint(message, std::uint64_t{id} << 3 | kLengthDelimited);
  PutVarint(message, bytes.size());
  message += bytes;
}

}  // namespace tandem::tensorflow
