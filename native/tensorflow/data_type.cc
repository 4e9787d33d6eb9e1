#include "tensorflow/data_type.h"

#include <array>
#include <utility>

namespace tandem::tensorflow {
namespace {

constexpr std::array<std::pair<DataType, int>, 14> kTypes{{
    {DataType::kFloat32, 1},
    {DataType::kFloat64, 2},
    {DataType::kInt32, 3},
    {DataType::kUint8, 4},
    {DataType::kInt16, 5},
    {DataType::kInt8, 6},
    {DataType::kBytes, 7},
    {DataType::kInt64, 9},
    {DataType::kBool, 10},
    {DataType::kBFloat16, 14},
    {DataType::kUint16, 17},
    {DataType::kFloat16, 19},
    {DataType::kUint32, 22},
    {DataType::kUint64, 23},
}};

}  // namespace

int ToTensorFlow(DataType type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (ours == type) return theirs;
  }
  return 0;
}

DataType FromTensorFlow(int type) {
  for (const auto& [ours, theirs] : kTypes) {
    if (theirs == type) return ours;
  }
  return DataType::kInvalid;
}

}  // namespace tandem::tensorflow
