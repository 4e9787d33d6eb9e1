#include "core/tensor.h"

#include <array>
#include <cstring>
#include <limits>

#include "check.h"
#include "core/bytes_elements.h"
#include "core/lending.h"
#include "core/loan.h"

namespace tandem {
namespace {

TEST("the element count of a scalar is 1, of an empty dimension 0") {
  CHECK(ElementCount({}) == 1);
  CHECK(ElementCount({3, 0, 5}) == 0);
  CHECK(ElementCount({2, 3}) == 6);
}

TEST("a shape that is negative or too large is refused") {
  CHECK(CODE_OF(ElementCount({-1, 4})) == Code::kInvalidArgument);
  CHECK(CODE_OF(ElementCount({std::numeric_limits<std::int64_t>::max(), 2})) == Code::kInvalidArgument);
}

TEST("aligned memory is aligned, also when empty") {
  for (const std::size_t size : {0, 1, 64, 1000}) {
    CHECK(reinterpret_cast<std::uintptr_t>(AllocateAligned(size).get()) % kAlignment == 0);
  }
}

TEST("string elements come back as they were written, empty ones and NUL bytes too") {
  using namespace std::string_view_literals;
  const std::array elements{"one"sv, ""sv, "nul\0inside"sv};
  std::array<std::byte, 64> memory{};
  std::byte* end = memory.data();
  for (const auto element : elements) end = WriteBytesElement(end, element);
  const std::span<const std::byte> bytes(memory.data(), static_cast<std::size_t>(end - memory.data()));
  CheckBytesElements(bytes, 3, "input", "text");
  std::vector<std::string> read;
  ForEachBytesElement(bytes, [&read](std::string_view element) { read.emplace_back(element); });
  CHECK(read.size() == 3 && read[0] == "one" && read[1].empty() && read[2] == "nul\0inside"sv);
}

TEST("string elements that reach past the end, or are too few or too many, are refused") {
  const std::array<std::byte, 6> cut{std::byte{9}, {}, {}, {}, std::byte{'a'}, std::byte{'b'}};
  CHECK(CODE_OF(CheckBytesElements(cut, 1, "input", "text")) == Code::kInvalidArgument);
  CHECK(CODE_OF(CheckBytesElements(std::span(cut).first(2), 1, "input", "text")) == Code::kInvalidArgument);
  const std::array<std::byte, 8> two{};
  CHECK(CODE_OF(CheckBytesElements(two, 1, "input", "text")) == Code::kInvalidArgument);
  CHECK(CODE_OF(CheckBytesElements(two, 3, "input", "text")) == Code::kInvalidArgument);
  CHECK(CODE_OF(CheckBytesElements(two, 2, "input", "text")) == Code::kOk);
}

TEST("a loan is settled when everything came back, and says so once") {
  const std::array<std::byte, 4> memory{};
  Loan loan;
  loan.Borrow(memory);
  loan.Borrow(memory);
  CHECK(loan.Covers(memory.data() + 3) && !loan.Covers(memory.data() + 4));
  int settled = 0;
  CHECK(!loan.SettledOr([&settled] { ++settled; }));
  loan.Return();
  CHECK(settled == 0 && loan.outstanding());
  loan.Return();
  CHECK(settled == 1 && !loan.outstanding());
  CHECK(loan.SettledOr([&settled] { ++settled; }) && settled == 1);
}

TEST("memory is lent once three watched copies came back, and never again after one stayed out") {
  const std::array<std::byte, 4> memory{};
  Loan unused;
  Loan settled;
  settled.Borrow(memory);
  settled.Return();
  Lending lending(true);
  for (int run = 0; run < 5; ++run) lending.Observe(unused);
  for (int run = 0; run < 3; ++run) {
    CHECK(lending.mode() == Lending::Mode::kWatchedCopy);
    lending.Observe(settled);
  }
  CHECK(lending.mode() == Lending::Mode::kBorrow);
  Loan kept;
  kept.Borrow(memory);
  lending.Observe(kept);
  CHECK(lending.mode() == Lending::Mode::kCopy);
  lending.Observe(settled);
  CHECK(lending.mode() == Lending::Mode::kCopy);
  CHECK(Lending(false).mode() == Lending::Mode::kCopy);
}

}  // namespace
}  // namespace tandem
