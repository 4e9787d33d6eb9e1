#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/data_type.h"

namespace tandem {

// Dimensions, outermost first; -1 is variable (in a TensorSpec only).
using Shape = std::vector<std::int64_t>;

// Product of the dimensions, 1 for a scalar. Throws kInvalidArgument for a negative dimension or an overflow.
std::int64_t ElementCount(const Shape& shape);

// `[2,3]`, as error texts show a shape.
std::string ToString(const Shape& shape);

// What a model takes or gives under one name.
struct TensorSpec {
  std::string name;
  DataType type = DataType::kInvalid;
  Shape shape;  // with the batch dimension; meaningless where the rank is unknown
  bool known_rank = false;
  // An input whose requests' elements are concatenated into one list, whatever their shapes: the model sees rank 1.
  bool ragged = false;
};

// An engine's result. `data` shares ownership of the engine's memory, so the last view frees it.
struct OutputTensor {
  DataType type = DataType::kInvalid;
  Shape shape;
  std::shared_ptr<const std::byte> data;
  std::size_t byte_size = 0;
  // kBytes only: where the rows (dimension 0) end in `data`, so that a batch can be cut without decoding.
  std::vector<std::size_t> row_ends;
};

// Alignment at which TensorFlow takes memory without copying it; cache line size.
inline constexpr std::size_t kAlignment = 64;

// `byte_size` bytes at kAlignment, uninitialised. Throws kResourceExhausted.
std::shared_ptr<std::byte> AllocateAligned(std::size_t byte_size);

}  // namespace tandem
