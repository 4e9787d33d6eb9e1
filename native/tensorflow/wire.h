#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tandem::tensorflow {

// Protobuf's wire format, as much as reading and rewriting a graph takes: linking protobuf itself would tie the addon
// to the version inside one libtensorflow.

// One field of a message. `bytes` is a length-delimited field's content, `number` a varint's value.
struct WireField {
  std::uint32_t id = 0;
  std::uint64_t number = 0;
  std::string_view bytes;
  std::string_view whole;  // with its tag, to be copied as it is
};

// Reads the fields of one message, in order. The message must outlive what is read.
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // False at the end. Throws kInvalidArgument for bytes that are no message.
  bool Next(WireField& field);

 private:
  std::uint64_t ReadVarint();
  std::string_view Take(std::uint64_t size);

  std::string_view rest_;
};

void PutNumber(std::string& message, std::uint32_t id, std::uint64_t number);
void PutBytes(std::string& message, std::uint32_t id, std::string_view bytes);

}  // namespace tandem::tensorflow
