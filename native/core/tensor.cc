#include "core/tensor.h"

#include <cstdlib>
#include <limits>

#include "core/error.h"

namespace tandem {

std::int64_t ElementCount(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) {
    if (dim < 0 || (dim > 0 && count > std::numeric_limits<std::int64_t>::max() / dim)) {
      throw Error(Code::kInvalidArgument, "invalid tensor shape " + ToString(shape));
    }
    count *= dim;
  }
  return count;
}

std::string ToString(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t dim : shape) {
    if (text.size() > 1) text += ',';
    text += std::to_string(dim);
  }
  return text + "]";
}

std::shared_ptr<std::byte> AllocateAligned(std::size_t byte_size) {
  const std::size_t rounded = (byte_size + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, rounded == 0 ? kAlignment : rounded);
  if (memory == nullptr) {
    throw Error(Code::kResourceExhausted, "out of memory: " + std::to_string(byte_size) + " bytes for a tensor");
  }
  return {static_cast<std::byte*>(memory), std::free};
}

}  // namespace tandem
