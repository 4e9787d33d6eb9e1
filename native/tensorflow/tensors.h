#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/batch.h"
#include "core/lending.h"
#include "core/loan.h"
#include "core/sample.h"
#include "core/tensor.h"
#include "tensorflow/handles.h"

namespace tandem::tensorflow {

// The tensor that the batch's pieces make up. One aligned piece is lent as `mode` says, several are copied together.
TensorHandle ToTensorFlowTensor(const GatheredInput& input, Lending::Mode mode, const std::shared_ptr<Loan>& loan);

// The result as Tandem hands it on. The tensor's memory itself where the tensor is its only owner; a copy where
// TensorFlow may still use it (a variable's value, a constant, an input handed through). TF_STRING is encoded.
// Throws kUnimplemented for a type that no protocol carries.
OutputTensor FromTensorFlowTensor(TensorHandle tensor);

// Copies of the sample's inputs.
std::vector<TensorHandle> ToTensorFlowTensors(const Sample& sample);

// The tensors as TF_SessionRun takes them.
std::vector<TF_Tensor*> Pointers(std::span<const TensorHandle> tensors);

}  // namespace tandem::tensorflow
