#include "core/sample.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <utility>

#include "core/bytes_elements.h"
#include "core/error.h"

namespace tandem {
namespace {

// IEEE half precision and bfloat16, widened.
float FromHalf(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1F;
  const int fraction = bits & 0x3FF;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0x1F) return fraction == 0 ? sign * std::numeric_limits<float>::infinity() : std::nanf("");
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
}

float FromBFloat(std::uint16_t bits) {
  const std::uint32_t wide = std::uint32_t{bits} << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

template <typename Element, typename Make>
void Fill(std::byte* memory, std::size_t byte_size, Make make) {
  for (std::size_t at = 0; at < byte_size; at += sizeof(Element)) {
    const Element element = make();
    std::memcpy(memory + at, &element, sizeof element);
  }
}

void FillWithNumbers(DataType type, std::byte* memory, std::size_t byte_size) {
  std::minstd_rand random(1);  // specified to the bit: the same numbers everywhere
  const auto unit = [&random] { return static_cast<double>(random()) / std::minstd_rand::max(); };
  // Half precision: numbers from 0.5 to 1, whose fraction is random.
  const auto half = [&random](unsigned exponent, unsigned fraction) {
    return static_cast<std::uint16_t>(exponent | (random() & fraction));
  };
  switch (type) {
    case DataType::kFloat32:
      return Fill<float>(memory, byte_size, [&] { return static_cast<float>(unit()); });
    case DataType::kFloat64:
      return Fill<double>(memory, byte_size, unit);
    case DataType::kFloat16:
      return Fill<std::uint16_t>(memory, byte_size, [&] { return half(0x3800, 0x3FF); });
    case DataType::kBFloat16:
      return Fill<std::uint16_t>(memory, byte_size, [&] { return half(0x3F00, 0x7F); });
    default:  // of a string that is its length, 0
      if (byte_size > 0) std::memset(memory, 0, byte_size);
  }
}

template <typename Bits, typename Widen>
bool Close(const void* actual, const void* expected, std::size_t byte_size, Widen widen, double absolute,
           double relative) {
  for (std::size_t at = 0; at < byte_size; at += sizeof(Bits)) {
    Bits bits[2];
    std::memcpy(&bits[0], static_cast<const std::byte*>(actual) + at, sizeof(Bits));
    std::memcpy(&bits[1], static_cast<const std::byte*>(expected) + at, sizeof(Bits));
    if (std::memcmp(&bits[0], &bits[1], sizeof(Bits)) == 0) continue;
    const double left = widen(bits[0]);
    const double right = widen(bits[1]);
    if (std::isnan(left) && std::isnan(right)) continue;
    if (!(std::abs(left - right) <= absolute + relative * std::abs(right))) return false;
  }
  return true;
}

}  // namespace

Sample MakeSample(std::span<const TensorSpec> inputs, std::span<const Shape> shapes, bool batched, std::int64_t rows,
                  std::int64_t extent) {
  Sample sample;
  sample.rows = rows;
  const std::size_t first = batched ? 1 : 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorSpec& spec = inputs[i];
    if (!spec.known_rank) throw Error(Code::kUnimplemented, "input '" + spec.name + "' is of unknown rank");
    const bool given = i < shapes.size() && shapes[i].size() + first == spec.shape.size();
    GatheredInput input{true, spec.type, spec.shape, {}, 0, nullptr};
    for (std::size_t dim = 0; dim < input.shape.size(); ++dim) {
      if (input.shape[dim] >= 0) continue;
      input.shape[dim] = batched && dim == 0 ? rows : given ? shapes[i][dim - first] : extent;
    }
    const std::size_t element = spec.type == DataType::kBytes ? kBytesLengthSize : ElementSize(spec.type);
    input.byte_size = static_cast<std::size_t>(ElementCount(input.shape)) * element;
    sample.memory.push_back(AllocateAligned(input.byte_size));
    FillWithNumbers(spec.type, sample.memory.back().get(), input.byte_size);
    input.pieces.emplace_back(sample.memory.back().get(), input.byte_size);
    sample.inputs.push_back(std::move(input));
  }
  return sample;
}

bool Agree(const OutputTensor& actual, const OutputTensor& expected) {
  const std::size_t byte_size = expected.byte_size;
  if (actual.type != expected.type || actual.shape != expected.shape || actual.byte_size != byte_size) return false;
  const std::byte* left = actual.data.get();
  const std::byte* right = expected.data.get();
  const auto as_it_is = [](auto value) { return static_cast<double>(value); };
  switch (expected.type) {
    case DataType::kFloat32:
      return Close<float>(left, right, byte_size, as_it_is, 1e-5, 1e-4);
    case DataType::kFloat64:
      return Close<double>(left, right, byte_size, as_it_is, 1e-12, 1e-10);
    case DataType::kFloat16:
      return Close<std::uint16_t>(left, right, byte_size, FromHalf, 1e-2, 1e-2);
    case DataType::kBFloat16:
      return Close<std::uint16_t>(left, right, byte_size, FromBFloat, 1e-2, 1e-2);
    default:
      return byte_size == 0 || std::memcmp(left, right, byte_size) == 0;
  }
}

}  // namespace tandem
