#include "torch/data_type.h"

#include <array>
#include <utility>

namespace tandem::torchscript {
namespace {

constexpr std::array<std::pair<DataType, c10::ScalarType>, 13> kTypes{{
    {DataType::kBool, c10::ScalarType::Bool},
    {DataType::kUint8, c10::ScalarType::Byte},
    {DataType::kUint16, c10::ScalarType::UInt16},
    {DataType::kUint32, c10::ScalarType::UInt32},
    {DataType::kUint64, c10::ScalarType::UInt64},
    {DataType::kInt8, c10::ScalarType::Char},
    {DataType::kInt16, c10::ScalarType::Short},
    {DataType::kInt32, c10::ScalarType::Int},
    {DataType::kInt64, c10::ScalarType::Long},
    {DataType::kFloat16, c10::ScalarType::Half},
    {DataType::kFloat32, c10::ScalarType::Float},
    {DataType::kFloat64, c10::ScalarType::Double},
    {DataType::kBFloat16, c10::ScalarType::BFloat16},
}};

}  // namespace

std::optional<c10::ScalarType> ToTorch(DataType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == type) return theirs;
  }
  return std::nullopt;
}

DataType FromTorch(c10::ScalarType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  return DataType::kInvalid;
}

}  // namespace tandem::torchscript
