#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "core/batch.h"
#include "core/tensor.h"

namespace tandem {

// What a batch input says about its source input, by the numbers of Triton's BatchInput.Kind. R requests make up a
// batch, request i has e_i elements, its batch dimension included.
enum class BatchInputKind : int {
  kElementCount = 0,                     // [R]: e_i
  kAccumulatedElementCount = 1,          // [R]: sums of e_0 to e_i
  kAccumulatedElementCountWithZero = 2,  // [R+1]: 0, then those sums
  kMaxElementCountAsShape = 3,           // [largest e_i]: zeros, for only the shape says something
  kItemShape = 4,                        // [rows of the batch, rank-1]: the shape of each row
  kItemShapeFlatten = 5,                 // the same, flat
};

// A model input that no request brings: it is made of a batch, on the instance's thread.
struct BatchInput {
  std::string name;
  BatchInputKind kind = BatchInputKind::kElementCount;
  DataType type = DataType::kInt32;  // or kFloat32
  std::size_t source = 0;            // position in the inputs that requests bring
};

// `batch` must have passed Gather. Throws kInvalidArgument if a request lacks the source input, if ranks differ where
// rows are described, or if a number is too large for INT32.
GatheredInput MakeBatchInput(const BatchInput& input, const Batch& batch, std::span<const TensorSpec> inputs);

}  // namespace tandem
