#include "core/batch_input.h"

#include <cstring>
#include <vector>

#include "check.h"
#include "fake_session.h"

namespace tandem {
namespace {

using test::BytesOf;
using test::FailureOf;
using test::MakeBatch;
using test::MakeRequest;

const std::vector<TensorSpec> kInputs{{"x", DataType::kInt32, {-1, -1, -1}, true, true}};
const std::vector<std::int32_t> kValues(64);

// Three requests of 6, 8 and 0 elements, the second of two rows.
Batch MakeThree() {
  Batch batch = MakeBatch(MakeRequest(1, 1, BytesOf(kValues).first(24), {1, 2, 3}));
  batch.Add(MakeRequest(2, 2, BytesOf(kValues).first(32), {2, 1, 4}));
  batch.Add(MakeRequest(3, 1, {}, {1, 0, 5}));
  return batch;
}

GatheredInput Make(BatchInputKind kind, DataType type = DataType::kInt32) {
  return MakeBatchInput({"made", kind, type, 0}, MakeThree(), kInputs);
}

template <typename Number>
std::vector<Number> Values(const GatheredInput& input) {
  std::vector<Number> values(input.byte_size / sizeof(Number));
  input.CopyTo(reinterpret_cast<std::byte*>(values.data()));
  return values;
}

void Expect(BatchInputKind kind, const Shape& shape, const std::vector<std::int32_t>& values) {
  const GatheredInput integers = Make(kind);
  CHECK(integers.present && integers.type == DataType::kInt32);
  CHECK(integers.shape == shape);
  CHECK(Values<std::int32_t>(integers) == values);
  const GatheredInput floats = Make(kind, DataType::kFloat32);
  CHECK(floats.type == DataType::kFloat32);
  CHECK(floats.shape == shape);
  CHECK(Values<float>(floats) == std::vector<float>(values.begin(), values.end()));
}

TEST("batch inputs count the elements of each request, the batch dimension included") {
  Expect(BatchInputKind::kElementCount, {3}, {6, 8, 0});
  Expect(BatchInputKind::kAccumulatedElementCount, {3}, {6, 14, 14});
  Expect(BatchInputKind::kAccumulatedElementCountWithZero, {4}, {0, 6, 14, 14});
}

TEST("the largest count is a shape, of zeros") {
  Expect(BatchInputKind::kMaxElementCountAsShape, {8}, std::vector<std::int32_t>(8, 0));
}

TEST("item shapes are given for every row, without the batch dimension") {
  Expect(BatchInputKind::kItemShape, {4, 2}, {2, 3, 1, 4, 1, 4, 0, 5});
  Expect(BatchInputKind::kItemShapeFlatten, {8}, {2, 3, 1, 4, 1, 4, 0, 5});
}

TEST("shapes that are not handed over are the declared ones") {
  const std::vector<TensorSpec> fixed{{"x", DataType::kInt32, {-1, 4}, true}};
  const Batch batch = MakeBatch(MakeRequest(1, 3, BytesOf(kValues).first(48)));
  const auto count = MakeBatchInput({"made", BatchInputKind::kElementCount, DataType::kInt32, 0}, batch, fixed);
  CHECK((Values<std::int32_t>(count) == std::vector<std::int32_t>{12}));
}

TEST("what is made is never lent, for it ends with the execution") {
  CHECK(!Make(BatchInputKind::kElementCount).Borrowable(kAlignment));
}

TEST("a request without the source input, or rows that no batch can describe, are refused") {
  Batch absent = MakeThree();
  absent.Add(Request{4, 1, {InputView{}}, {}});
  const BatchInput items{"made", BatchInputKind::kItemShape, DataType::kInt32, 0};
  const Failure missing = FailureOf([&] { MakeBatchInput(items, absent, kInputs); });
  CHECK(missing.code == Code::kInvalidArgument);
  CHECK(missing.message == "input 'x' is missing, and batch input 'made' is made of it");
  Batch mixed = MakeThree();
  mixed.Add(MakeRequest(4, 1, BytesOf(kValues).first(4), {1, 1}));
  CHECK(CODE_OF(MakeBatchInput(items, mixed, kInputs)) == Code::kInvalidArgument);
}

TEST("a count that INT32 cannot hold is refused") {
  const BatchInput count{"made", BatchInputKind::kElementCount, DataType::kInt32, 0};
  const Batch large = MakeBatch(MakeRequest(1, 1, {}, {1, 1 << 16, 1 << 16}));
  CHECK(CODE_OF(MakeBatchInput(count, large, kInputs)) == Code::kInvalidArgument);
}

}  // namespace
}  // namespace tandem
