#include "core/data_type.h"

namespace tandem {

const char* ConfigName(DataType type) {
  switch (type) {
    case DataType::kBool:
      return "TYPE_BOOL";
    case DataType::kUint8:
      return "TYPE_UINT8";
    case DataType::kUint16:
      return "TYPE_UINT16";
    case DataType::kUint32:
      return "TYPE_UINT32";
    case DataType::kUint64:
      return "TYPE_UINT64";
    case DataType::kInt8:
      return "TYPE_INT8";
    case DataType::kInt16:
      return "TYPE_INT16";
    case DataType::kInt32:
      return "TYPE_INT32";
    case DataType::kInt64:
      return "TYPE_INT64";
    case DataType::kFloat16:
      return "TYPE_FP16";
    case DataType::kFloat32:
      return "TYPE_FP32";
    case DataType::kFloat64:
      return "TYPE_FP64";
    case DataType::kBytes:
      return "TYPE_STRING";
    case DataType::kBFloat16:
      return "TYPE_BF16";
    case DataType::kInvalid:
      break;
  }
  return "TYPE_INVALID";
}

}  // namespace tandem
