#pragma once

#include <c10/core/ScalarType.h>

#include <optional>

#include "core/data_type.h"

namespace tandem::torchscript {

// nullopt for kBytes (a List[str], not a tensor) and kInvalid.
std::optional<c10::ScalarType> ToTorch(DataType type);

// kInvalid for a scalar type that no protocol carries (complex, quantised, float8).
DataType FromTorch(c10::ScalarType type);

}  // namespace tandem::torchscript
