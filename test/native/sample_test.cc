#include "core/sample.h"

#include <cstring>
#include <vector>

#include "check.h"
#include "core/error.h"

namespace tandem {
namespace {

Sample Make(DataType type, Shape shape, bool batched, std::int64_t rows, std::int64_t extent) {
  const std::vector<TensorSpec> inputs{{"x", type, std::move(shape), true}};
  return MakeSample(inputs, {}, batched, rows, extent);
}

// The sample's input as if a model had handed it through.
OutputTensor Through(const Sample& sample) {
  const GatheredInput& input = sample.inputs.front();
  return {input.type, input.shape, sample.memory.front(), input.byte_size, {}};
}

TEST("samples are the same each time, between 0 and 1, and results agree within rounding only") {
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64, DataType::kFloat16, DataType::kBFloat16,
                              DataType::kInt64, DataType::kBool, DataType::kBytes}) {
    const Sample first = Make(type, {-1, 4, -1}, true, 2, 3);
    CHECK((first.inputs.front().shape == Shape{2, 4, 3}));
    CHECK(Agree(Through(first), Through(Make(type, {-1, 4, -1}, true, 2, 3))));
    CHECK(!Agree(Through(first), Through(Make(type, {-1, 4, -1}, true, 3, 3))));
  }
  const Sample left = Make(DataType::kFloat32, {4}, false, 1, 1);
  const Sample right = Make(DataType::kFloat32, {4}, false, 1, 1);
  float value;
  std::memcpy(&value, left.memory.front().get(), sizeof value);
  CHECK(value >= 0 && value <= 1);
  const auto change = [&](float by) {
    value += by;
    std::memcpy(left.memory.front().get(), &value, sizeof value);
  };
  change(5e-6F);
  CHECK(Agree(Through(left), Through(right)));
  change(1e-2F);
  CHECK(!Agree(Through(left), Through(right)));
}

TEST("a shape that is given stands for what varies, behind the batch dimension, where the rank fits") {
  const std::vector<TensorSpec> inputs{{"x", DataType::kFloat32, {-1, -1, 3}, true},
                                       {"y", DataType::kFloat32, {-1, -1}, true}};
  const std::vector<Shape> shapes{{5, 3}, {}};
  const Sample sample = MakeSample(inputs, shapes, true, 2, 16);
  CHECK((sample.inputs[0].shape == Shape{2, 5, 3}));
  CHECK((sample.inputs[1].shape == Shape{2, 16}));
}

TEST("a sample lies as a request's tensor would, so that an engine may borrow it") {
  CHECK(Make(DataType::kFloat32, {4}, false, 1, 1).inputs.front().Borrowable(kAlignment));
}

TEST("there is no sample of an input of unknown rank") {
  const std::vector<TensorSpec> inputs{{"x", DataType::kFloat32, {}, false}};
  CHECK(CODE_OF(MakeSample(inputs, {}, false, 1, 1)) == Code::kUnimplemented);
}

}  // namespace
}  // namespace tandem
