#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tensorflow/loaded_session.h"

namespace tandem::tensorflow {

// Made-up inputs of a model: `rows` in the batch dimension and `extent` in every other that varies; floating-point
// numbers between 0 and 1, zeros of other types, empty strings. Always the same. Throws kUnimplemented for an input of
// unknown rank.
std::vector<TensorHandle> MakeSample(const ModelTensors& tensors, bool batched, std::int64_t rows, std::int64_t extent);

// The tensors as TF_SessionRun takes them.
std::vector<TF_Tensor*> Pointers(std::span<const TensorHandle> sample);

// Whether two outputs are equal but for rounding: floating-point elements within 1e-5 + 1e-4 |expected| (float32), 1e-2
// (half precision), 1e-12 + 1e-10 |expected| (float64); all others exactly.
bool Agree(const TF_Tensor* actual, const TF_Tensor* expected);

}  // namespace tandem::tensorflow
