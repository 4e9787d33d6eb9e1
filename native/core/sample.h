#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/batch.h"
#include "core/tensor.h"

namespace tandem {

// Made-up inputs of a model, with the memory that they lie in.
struct Sample {
  std::vector<GatheredInput> inputs;
  std::vector<std::shared_ptr<std::byte>> memory;
  std::int64_t rows = 1;
};

// One sample of `inputs`: `rows` in the batch dimension and `extent` in every other that varies, unless `shapes` has
// that input's own (without the batch dimension); floating-point numbers between 0 and 1, zeros of other types, empty
// strings. Always the same. Throws kUnimplemented for an input of unknown rank.
Sample MakeSample(std::span<const TensorSpec> inputs, std::span<const Shape> shapes, bool batched, std::int64_t rows,
                  std::int64_t extent);

// Whether two outputs are equal but for rounding: floating-point elements within 1e-5 + 1e-4 |expected| (float32), 1e-2
// (half precision), 1e-12 + 1e-10 |expected| (float64); all others exactly.
bool Agree(const OutputTensor& actual, const OutputTensor& expected);

}  // namespace tandem
