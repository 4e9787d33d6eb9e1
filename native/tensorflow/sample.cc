#include "tensorflow/sample.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>

#include "core/error.h"
#include "tensorflow/data_type.h"

namespace tandem::tensorflow {
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
    default:
      if (byte_size > 0) std::memset(memory, 0, byte_size);
  }
}

void FreeEmptyStrings(void* data, std::size_t, void*) { std::free(data); }

TensorHandle MakeTensor(DataType type, const Shape& shape) {
  const auto count = static_cast<std::size_t>(ElementCount(shape));
  const auto rank = static_cast<int>(shape.size());
  if (type == DataType::kBytes) {
    const std::size_t rounded = (count * sizeof(TF_TString) / kAlignment + 1) * kAlignment;
    auto* strings = static_cast<TF_TString*>(std::aligned_alloc(kAlignment, rounded));
    if (strings == nullptr) throw Error(Code::kResourceExhausted, "out of memory for a string tensor");
    for (std::size_t i = 0; i < count; ++i) Tf().TF_StringInit(&strings[i]);
    return TensorHandle(Tf().TF_NewTensor(ToTensorFlow(type), shape.data(), rank, strings, count * sizeof(TF_TString),
                                          FreeEmptyStrings, nullptr));
  }
  const std::size_t byte_size = count * ElementSize(type);
  TensorHandle tensor(Tf().TF_AllocateTensor(ToTensorFlow(type), shape.data(), rank, byte_size));
  if (tensor == nullptr) throw Error(Code::kResourceExhausted, "out of memory for a sample");
  FillWithNumbers(type, static_cast<std::byte*>(Tf().TF_TensorData(tensor.get())), byte_size);
  return tensor;
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

bool SameStrings(const TF_TString* actual, const TF_TString* expected, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view left(Tf().TF_StringGetDataPointer(&actual[i]), Tf().TF_StringGetSize(&actual[i]));
    const std::string_view right(Tf().TF_StringGetDataPointer(&expected[i]), Tf().TF_StringGetSize(&expected[i]));
    if (left != right) return false;
  }
  return true;
}

}  // namespace

std::vector<TensorHandle> MakeSample(const ModelTensors& tensors, bool batched, std::int64_t rows,
                                     std::int64_t extent) {
  std::vector<TensorHandle> sample;
  for (const auto& [spec, tensor] : tensors.inputs) {
    if (!spec.known_rank) throw Error(Code::kUnimplemented, "input '" + spec.name + "' is of unknown rank");
    Shape shape = spec.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] < 0) shape[i] = batched && i == 0 ? rows : extent;
    }
    sample.push_back(MakeTensor(spec.type, shape));
  }
  return sample;
}

std::vector<TF_Tensor*> Pointers(std::span<const TensorHandle> sample) {
  std::vector<TF_Tensor*> pointers;
  for (const TensorHandle& tensor : sample) pointers.push_back(tensor.get());
  return pointers;
}

bool Agree(const TF_Tensor* actual, const TF_Tensor* expected) {
  const int type = Tf().TF_TensorType(expected);
  const int rank = Tf().TF_NumDims(expected);
  const std::size_t byte_size = Tf().TF_TensorByteSize(expected);
  if (Tf().TF_TensorType(actual) != type || Tf().TF_NumDims(actual) != rank ||
      Tf().TF_TensorByteSize(actual) != byte_size) {
    return false;
  }
  for (int i = 0; i < rank; ++i) {
    if (Tf().TF_Dim(actual, i) != Tf().TF_Dim(expected, i)) return false;
  }
  const void* left = Tf().TF_TensorData(actual);
  const void* right = Tf().TF_TensorData(expected);
  const auto as_it_is = [](auto value) { return static_cast<double>(value); };
  switch (FromTensorFlow(type)) {
    case DataType::kFloat32:
      return Close<float>(left, right, byte_size, as_it_is, 1e-5, 1e-4);
    case DataType::kFloat64:
      return Close<double>(left, right, byte_size, as_it_is, 1e-12, 1e-10);
    case DataType::kFloat16:
      return Close<std::uint16_t>(left, right, byte_size, FromHalf, 1e-2, 1e-2);
    case DataType::kBFloat16:
      return Close<std::uint16_t>(left, right, byte_size, FromBFloat, 1e-2, 1e-2);
    case DataType::kBytes:
      return SameStrings(static_cast<const TF_TString*>(left), static_cast<const TF_TString*>(right),
                         byte_size / sizeof(TF_TString));
    default:
      return byte_size == 0 || std::memcmp(left, right, byte_size) == 0;
  }
}

}  // namespace tandem::tensorflow
