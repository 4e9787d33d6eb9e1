#include "core/bytes_elements.h"

#include "core/error.h"

namespace tandem {

void CheckBytesElements(std::span<const std::byte> bytes, std::int64_t count, std::string_view kind,
                        const std::string& name) {
  const auto named = [&] { return std::string(kind) + " '" + name + "'"; };
  std::int64_t found = 0;
  for (std::size_t offset = 0; offset < bytes.size(); ++found) {
    std::uint32_t length = 0;
    const std::size_t left = bytes.size() - offset;
    if (left >= kBytesLengthSize) std::memcpy(&length, bytes.data() + offset, sizeof length);
    if (left < kBytesLengthSize || left - kBytesLengthSize < length) {
      throw Error(Code::kInvalidArgument, named() + ": string element " + std::to_string(found) +
                                              " reaches past the end of the " + std::to_string(bytes.size()) +
                                              " bytes given");
    }
    offset += kBytesLengthSize + length;
  }
  if (found != count) {
    throw Error(Code::kInvalidArgument,
                named() + " has " + std::to_string(found) + " string elements, expected " + std::to_string(count));
  }
}

std::vector<std::size_t> RowEnds(std::span<const std::byte> bytes, const Shape& shape) {
  const std::int64_t rows = shape.empty() ? 1 : shape.front();
  const std::int64_t per_row = rows == 0 ? 0 : ElementCount(shape) / rows;
  std::vector<std::size_t> ends;
  if (per_row == 0) ends.assign(static_cast<std::size_t>(rows), 0);
  std::size_t end = 0;
  std::int64_t elements = 0;
  ForEachBytesElement(bytes, [&](std::string_view element) {
    end += kBytesLengthSize + element.size();
    if (++elements % per_row == 0) ends.push_back(end);
  });
  return ends;
}

std::byte* WriteBytesElement(std::byte* destination, std::string_view element) {
  const auto length = static_cast<std::uint32_t>(element.size());
  std::memcpy(destination, &length, sizeof length);
  if (!element.empty()) std::memcpy(destination + sizeof length, element.data(), element.size());
  return destination + sizeof length + element.size();
}

}  // namespace tandem
