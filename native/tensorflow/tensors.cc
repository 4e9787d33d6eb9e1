#include "tensorflow/tensors.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "core/bytes_elements.h"
#include "tensorflow/data_type.h"

namespace tandem::tensorflow {
namespace {

// What a lent tensor holds until TensorFlow drops it.
struct Lent {
  std::shared_ptr<Loan> loan;
  std::shared_ptr<std::byte> copy;  // null: the memory is the caller's
};

void ReturnLent(void*, std::size_t, void* argument) {
  const std::unique_ptr<Lent> lent(static_cast<Lent*>(argument));
  lent->loan->Return();
}

void FreeStrings(void* data, std::size_t byte_size, void*) {
  auto* strings = static_cast<TF_TString*>(data);
  for (std::size_t i = 0; i < byte_size / sizeof(TF_TString); ++i) Tf().TF_StringDealloc(&strings[i]);
  std::free(data);
}

TensorHandle Lend(const GatheredInput& input, Lending::Mode mode, const std::shared_ptr<Loan>& loan) {
  // The C API takes a mutable pointer, but writes only to memory that TensorFlow allocated itself.
  auto* memory = const_cast<std::byte*>(input.pieces.front().data());
  auto lent = std::make_unique<Lent>(loan, nullptr);
  if (mode == Lending::Mode::kWatchedCopy) {
    lent->copy = AllocateAligned(input.byte_size);
    memory = lent->copy.get();
    input.CopyTo(memory);
  }
  loan->Borrow({memory, input.byte_size});
  return TensorHandle(Tf().TF_NewTensor(ToTensorFlow(input.type), input.shape.data(),
                                        static_cast<int>(input.shape.size()), memory, input.byte_size, ReturnLent,
                                        lent.release()));
}

TensorHandle CopyStrings(const GatheredInput& input) {
  const auto byte_size = static_cast<std::size_t>(ElementCount(input.shape)) * sizeof(TF_TString);
  const std::size_t rounded = (byte_size / kAlignment + 1) * kAlignment;
  auto* strings = static_cast<TF_TString*>(std::aligned_alloc(kAlignment, rounded));
  if (strings == nullptr) throw Error(Code::kResourceExhausted, "out of memory for a string tensor");
  TF_TString* next = strings;
  for (const auto& piece : input.pieces) {
    ForEachBytesElement(piece, [&next](std::string_view element) {
      Tf().TF_StringInit(next);
      Tf().TF_StringCopy(next, element.data(), element.size());
      ++next;
    });
  }
  return TensorHandle(Tf().TF_NewTensor(ToTensorFlow(DataType::kBytes), input.shape.data(),
                                        static_cast<int>(input.shape.size()), strings, byte_size, FreeStrings,
                                        nullptr));
}

Shape ShapeOf(const TF_Tensor* tensor) {
  Shape shape(static_cast<std::size_t>(Tf().TF_NumDims(tensor)));
  for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = Tf().TF_Dim(tensor, static_cast<int>(i));
  return shape;
}

void EncodeStrings(const TF_Tensor* tensor, OutputTensor& output) {
  const auto* strings = static_cast<const TF_TString*>(Tf().TF_TensorData(tensor));
  const auto count = static_cast<std::size_t>(ElementCount(output.shape));
  for (std::size_t i = 0; i < count; ++i) output.byte_size += kBytesLengthSize + Tf().TF_StringGetSize(&strings[i]);
  const auto memory = AllocateAligned(output.byte_size);
  const std::size_t rows = output.shape.empty() ? 1 : static_cast<std::size_t>(output.shape.front());
  const std::size_t per_row = rows == 0 ? 0 : count / rows;
  std::byte* next = memory.get();
  for (std::size_t row = 0, i = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < per_row; ++column, ++i) {
      next = WriteBytesElement(next, {Tf().TF_StringGetDataPointer(&strings[i]), Tf().TF_StringGetSize(&strings[i])});
    }
    output.row_ends.push_back(static_cast<std::size_t>(next - memory.get()));
  }
  output.data = memory;
}

}  // namespace

TensorHandle ToTensorFlowTensor(const GatheredInput& input, Lending::Mode mode, const std::shared_ptr<Loan>& loan) {
  if (input.type == DataType::kBytes) return CopyStrings(input);
  if (mode != Lending::Mode::kCopy && input.Borrowable(kAlignment)) return Lend(input, mode, loan);
  TensorHandle tensor(Tf().TF_AllocateTensor(ToTensorFlow(input.type), input.shape.data(),
                                             static_cast<int>(input.shape.size()), input.byte_size));
  if (tensor == nullptr) {
    throw Error(Code::kResourceExhausted, "out of memory: " + std::to_string(input.byte_size) + " bytes for an input");
  }
  input.CopyTo(static_cast<std::byte*>(Tf().TF_TensorData(tensor.get())));
  return tensor;
}

OutputTensor FromTensorFlowTensor(TensorHandle tensor) {
  OutputTensor output;
  output.type = FromTensorFlow(Tf().TF_TensorType(tensor.get()));
  output.shape = ShapeOf(tensor.get());
  if (output.type == DataType::kInvalid) {
    throw Error(Code::kUnimplemented, "output has TensorFlow type " + std::to_string(Tf().TF_TensorType(tensor.get())) +
                                          ", which has no protocol datatype");
  }
  if (output.type == DataType::kBytes) {
    EncodeStrings(tensor.get(), output);
    return output;
  }
  output.byte_size = Tf().TF_TensorByteSize(tensor.get());
  if (TF_Tensor* moved = Tf().TF_TensorMaybeMove(tensor.get())) {
    tensor.release();
    tensor.reset(moved);
    const auto* data = static_cast<const std::byte*>(Tf().TF_TensorData(moved));
    const std::shared_ptr<TF_Tensor> owner(std::move(tensor));
    output.data = std::shared_ptr<const std::byte>(owner, data);
  } else {
    const auto copy = AllocateAligned(output.byte_size);
    if (output.byte_size > 0) std::memcpy(copy.get(), Tf().TF_TensorData(tensor.get()), output.byte_size);
    output.data = copy;
  }
  return output;
}

std::vector<TensorHandle> ToTensorFlowTensors(const Sample& sample) {
  std::vector<TensorHandle> tensors;
  const auto loan = std::make_shared<Loan>();
  for (const GatheredInput& input : sample.inputs)
    tensors.push_back(ToTensorFlowTensor(input, Lending::Mode::kCopy, loan));
  return tensors;
}

std::vector<TF_Tensor*> Pointers(std::span<const TensorHandle> tensors) {
  std::vector<TF_Tensor*> pointers;
  for (const TensorHandle& tensor : tensors) pointers.push_back(tensor.get());
  return pointers;
}

}  // namespace tandem::tensorflow
