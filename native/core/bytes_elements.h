#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"

namespace tandem {

// BYTES tensors between Tandem's layers: before each element its length as 32 bits, little-endian.
// (KServe v2, binary tensor data extension.)

// Throws kInvalidArgument unless `bytes` holds exactly `count` elements. `kind` ("input") and `name` are for the
// message.
void CheckBytesElements(std::span<const std::byte> bytes, std::int64_t count, std::string_view kind,
                        const std::string& name);

// Where the rows of a tensor of this shape end in its bytes, which must have passed CheckBytesElements. A scalar is
// one.
std::vector<std::size_t> RowEnds(std::span<const std::byte> bytes, const Shape& shape);

// Calls `take(std::string_view)` for each element. `bytes` must have passed CheckBytesElements.
template <typename Take>
void ForEachBytesElement(std::span<const std::byte> bytes, Take take) {
  for (std::size_t offset = 0; offset < bytes.size();) {
    std::uint32_t length;
    std::memcpy(&length, bytes.data() + offset, sizeof length);
    offset += sizeof length;
    take(std::string_view(reinterpret_cast<const char*>(bytes.data() + offset), length));
    offset += length;
  }
}

// Writes one element at `destination` and returns the place behind it.
std::byte* WriteBytesElement(std::byte* destination, std::string_view element);

constexpr std::size_t kBytesLengthSize = sizeof(std::uint32_t);

}  // namespace tandem
