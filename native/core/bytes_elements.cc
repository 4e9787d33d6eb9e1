#include "core/bytes_elements.h"

#include "core/error.h"

namespace tandem {

void CheckBytesElements(std::span<const std::byte> bytes, std::int64_t count, const std::string& input) {
  std::int64_t found = 0;
  for (std::size_t offset = 0; offset < bytes.size(); ++found) {
    std::uint32_t length = 0;
    const std::size_t left = bytes.size() - offset;
    if (left >= kBytesLengthSize) std::memcpy(&length, bytes.data() + offset, sizeof length);
    if (left < kBytesLengthSize || left - kBytesLengthSize < length) {
      throw Error(Code::kInvalidArgument, "input '" + input + "': string element " + std::to_string(found) +
                                              " reaches past the end of the " + std::to_string(bytes.size()) +
                                              " bytes given");
    }
    offset += kBytesLengthSize + length;
  }
  if (found != count) {
    throw Error(Code::kInvalidArgument, "input '" + input + "' has " + std::to_string(found) +
                                            " string elements, expected " + std::to_string(count));
  }
}

std::byte* WriteBytesElement(std::byte* destination, std::string_view element) {
  const auto length = static_cast<std::uint32_t>(element.size());
  std::memcpy(destination, &length, sizeof length);
  if (!element.empty()) std::memcpy(destination + sizeof length, element.data(), element.size());
  return destination + sizeof length + element.size();
}

}  // namespace tandem
