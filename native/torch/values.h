#pragma once

#include <ATen/core/ivalue.h>

#include <memory>

#include "core/batch.h"
#include "core/lending.h"
#include "core/loan.h"
#include "core/tensor.h"
#include "torch/instance.h"

namespace tandem::torchscript {

// The value that the batch's pieces make up: a tensor on `device`, or a List[str] for kBytes. One aligned piece is
// lent as `mode` says, several are copied together.
c10::IValue ToValue(const GatheredInput& input, const c10::Device& device, Lending::Mode mode,
                    const std::shared_ptr<Loan>& loan);

// Contiguous and on the CPU: the tensor's memory itself where nothing else uses it, else a copy. An input that was
// handed through is covered by `loan` and copied.
OutputTensor FromValue(c10::IValue value, const TensorSpec& spec, const Loan& loan);

}  // namespace tandem::torchscript
