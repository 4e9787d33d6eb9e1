#pragma once

#include <cstddef>
#include <string>

namespace tandem {

// Element types by their number in Triton's ModelConfig.DataType, as src/inference/datatype.ts has them.
enum class DataType : int {
  kInvalid = 0,
  kBool = 1,
  kUint8 = 2,
  kUint16 = 3,
  kUint32 = 4,
  kUint64 = 5,
  kInt8 = 6,
  kInt16 = 7,
  kInt32 = 8,
  kInt64 = 9,
  kFloat16 = 10,
  kFloat32 = 11,
  kFloat64 = 12,
  kBytes = 13,
  kBFloat16 = 14,
};

// Bytes per element; 0 for kBytes, whose elements vary in length, and kInvalid.
constexpr std::size_t ElementSize(DataType type) {
  switch (type) {
    case DataType::kBool:
    case DataType::kUint8:
    case DataType::kInt8:
      return 1;
    case DataType::kUint16:
    case DataType::kInt16:
    case DataType::kFloat16:
    case DataType::kBFloat16:
      return 2;
    case DataType::kUint32:
    case DataType::kInt32:
    case DataType::kFloat32:
      return 4;
    case DataType::kUint64:
    case DataType::kInt64:
    case DataType::kFloat64:
      return 8;
    case DataType::kBytes:
    case DataType::kInvalid:
      return 0;
  }
  return 0;
}

// The name in model configurations, `TYPE_FP32`, for messages.
const char* ConfigName(DataType type);

}  // namespace tandem
