#include "core/batch.h"

#include <vector>

#include "check.h"
#include "fake_session.h"

namespace tandem {
namespace {

using test::BytesOf;
using test::MakeBatch;
using test::MakeRequest;

const std::vector<TensorSpec> kRows{{"x", DataType::kFloat32, {-1, 2}, true}};
const std::vector<TensorSpec> kRagged{{"x", DataType::kFloat32, {-1, -1}, true, true}};
const Batch kAbsent = MakeBatch(Request{2, 1, {InputView{}}, {}});

TEST("requests are gathered one behind the other along dimension 0") {
  const std::vector<float> a{1, 2};
  const std::vector<float> b{3, 4, 5, 6};
  Batch batch = MakeBatch(MakeRequest(1, 1, BytesOf(a)));
  batch.Add(MakeRequest(2, 2, BytesOf(b)));
  const auto gathered = Gather(batch, kRows);
  CHECK(batch.rows == 3);
  CHECK((gathered[0].shape == Shape{3, 2}));
  std::vector<float> together(6);
  gathered[0].CopyTo(reinterpret_cast<std::byte*>(together.data()));
  CHECK((together == std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST("one aligned piece can be borrowed; an unaligned one, two pieces or strings cannot") {
  const auto memory = AllocateAligned(64);
  const std::span<const std::byte> aligned(memory.get(), 8);
  const std::span<const std::byte> unaligned(memory.get() + 4, 8);
  CHECK(Gather(MakeBatch(MakeRequest(1, 1, aligned)), kRows)[0].Borrowable(kAlignment));
  CHECK(!Gather(MakeBatch(MakeRequest(1, 1, unaligned)), kRows)[0].Borrowable(kAlignment));
  Batch two = MakeBatch(MakeRequest(1, 1, aligned));
  two.Add(MakeRequest(2, 1, aligned));
  CHECK(!Gather(two, kRows)[0].Borrowable(kAlignment));
}

TEST("bytes that do not fit the shape are refused, so that no engine reads past them") {
  const std::vector<float> three{1, 2, 3};
  CHECK(CODE_OF(Gather(MakeBatch(MakeRequest(1, 1, BytesOf(three))), kRows)) == Code::kInvalidArgument);
  CHECK(CODE_OF(Gather(MakeBatch(MakeRequest(1, 1, BytesOf(three), {-3})), kRows)) == Code::kInvalidArgument);
}

TEST("batches agree if all dimensions but the first are the same") {
  const std::vector<float> values(12);
  const auto batch = [&values](Shape shape) { return MakeBatch(MakeRequest(1, 1, BytesOf(values), std::move(shape))); };
  CHECK(batch({1, 12}).AgreesWith(batch({2, 12}), kRows));
  CHECK(!batch({1, 12}).AgreesWith(batch({1, 6}), kRows));
  CHECK(!batch({1, 12}).AgreesWith(batch({12}), kRows));
  CHECK(!batch({1, 12}).AgreesWith(kAbsent, kRows));
}

TEST("batches agree whatever the shapes of a ragged input, if all have it or none") {
  const std::vector<float> values(12);
  const auto batch = [&values](Shape shape) { return MakeBatch(MakeRequest(1, 1, BytesOf(values), std::move(shape))); };
  CHECK(batch({1, 12}).AgreesWith(batch({1, 6}), kRagged));
  CHECK(!batch({1, 12}).AgreesWith(kAbsent, kRagged));
  CHECK(kAbsent.AgreesWith(kAbsent, kRagged));
}

TEST("a ragged input is one flat list of all requests' elements, of a single request too") {
  const std::vector<float> a{1, 2};
  const std::vector<float> b{3, 4, 5, 6};
  Batch batch = MakeBatch(MakeRequest(1, 1, BytesOf(a), {1, 2}));
  CHECK((Gather(batch, kRagged)[0].shape == Shape{2}));
  batch.Add(MakeRequest(2, 1, {}, {1, 0}));
  batch.Add(MakeRequest(3, 2, BytesOf(b), {2, 2}));
  const auto gathered = Gather(batch, kRagged);
  CHECK((gathered[0].shape == Shape{6}));
  std::vector<float> together(6);
  gathered[0].CopyTo(reinterpret_cast<std::byte*>(together.data()));
  CHECK((together == std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST("a ragged input's bytes have to fit its shape too") {
  const std::vector<float> three{1, 2, 3};
  CHECK(CODE_OF(Gather(MakeBatch(MakeRequest(1, 1, BytesOf(three), {1, 2})), kRagged)) == Code::kInvalidArgument);
}

TEST("an input that is absent everywhere stays absent") {
  CHECK(!Gather(MakeBatch(Request{1, 1, {InputView{}}, {}}), kRows)[0].present);
}

TEST("the outputs wanted are those of any request; all, if one request wants all") {
  Batch batch;
  batch.Add(Request{1, 1, {}, {2}});
  batch.Add(Request{2, 1, {}, {0}});
  CHECK((OutputsWanted(batch, 4) == std::vector<std::uint32_t>{0, 2}));
  batch.Add(Request{3, 1, {}, {}});
  CHECK((OutputsWanted(batch, 4) == std::vector<std::uint32_t>{0, 1, 2, 3}));
}

}  // namespace
}  // namespace tandem
