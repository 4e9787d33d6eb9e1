#include "torch/values.h"

#include <ATen/ATen.h>

#include <utility>

#include "core/bytes_elements.h"
#include "core/error.h"
#include "torch/data_type.h"
#include "torch/result.h"

namespace tandem::torchscript {
namespace {

c10::IValue ToStringList(const GatheredInput& input) {
  c10::List<std::string> list;
  for (const auto& piece : input.pieces) {
    ForEachBytesElement(piece, [&list](std::string_view element) { list.push_back(std::string(element)); });
  }
  return list;
}

at::Tensor ToTensor(const GatheredInput& input, Lending::Mode mode, const std::shared_ptr<Loan>& loan) {
  const auto type = ToTorch(input.type);
  if (!type) throw Error(Code::kInternal, std::string("no torch type for ") + ConfigName(input.type));
  const auto options = at::TensorOptions().dtype(*type);
  if (mode != Lending::Mode::kCopy && input.Borrowable(kAlignment)) {
    auto* memory = const_cast<std::byte*>(input.pieces.front().data());
    std::shared_ptr<std::byte> copy;
    if (mode == Lending::Mode::kWatchedCopy) {
      copy = AllocateAligned(input.byte_size);
      memory = copy.get();
      input.CopyTo(memory);
    }
    loan->Borrow({memory, input.byte_size});
    return at::from_blob(memory, input.shape, [loan, copy](void*) { loan->Return(); }, options);
  }
  at::Tensor tensor = at::empty(input.shape, options);
  input.CopyTo(static_cast<std::byte*>(tensor.mutable_data_ptr()));
  return tensor;
}

OutputTensor FromStringList(const c10::List<c10::IValue>& list) {
  OutputTensor output;
  output.type = DataType::kBytes;
  output.shape = {static_cast<std::int64_t>(list.size())};
  for (const c10::IValue& element : list) output.byte_size += kBytesLengthSize + element.toStringRef().size();
  const auto memory = AllocateAligned(output.byte_size);
  std::byte* next = memory.get();
  for (const c10::IValue& element : list) {
    next = WriteBytesElement(next, element.toStringRef());
    output.row_ends.push_back(static_cast<std::size_t>(next - memory.get()));
  }
  output.data = memory;
  return output;
}

OutputTensor FromTensor(at::Tensor tensor, const Loan& loan) {
  tensor = tensor.to(c10::kCPU).contiguous();
  // One reference to the tensor and one to its storage means that nobody else can read or write this memory.
  if (tensor.use_count() > 1 || tensor.storage().use_count() > 1 ||
      loan.Covers(static_cast<const std::byte*>(tensor.const_data_ptr()))) {
    tensor = tensor.clone(at::MemoryFormat::Contiguous);
  }
  OutputTensor output;
  output.type = FromTorch(tensor.scalar_type());
  output.shape.assign(tensor.sizes().begin(), tensor.sizes().end());
  output.byte_size = tensor.nbytes();
  const auto* data = static_cast<const std::byte*>(tensor.const_data_ptr());
  output.data = std::shared_ptr<const std::byte>(std::make_shared<at::Tensor>(std::move(tensor)), data);
  return output;
}

}  // namespace

c10::IValue ToValue(const GatheredInput& input, const c10::Device& device, Lending::Mode mode,
                    const std::shared_ptr<Loan>& loan) {
  if (!input.present) return {};
  if (input.type == DataType::kBytes) return ToStringList(input);
  at::Tensor tensor = ToTensor(input, mode, loan);
  return device.is_cpu() ? tensor : tensor.to(device);
}

OutputTensor FromValue(c10::IValue value, const TensorSpec& spec, const Loan& loan) {
  OutputTensor output;
  if (value.isTensor()) {
    at::Tensor tensor = std::move(value).toTensor();
    if (tensor.dim() == 0)
      throw Error(Code::kInternal, "output '" + spec.name + "' is a scalar which is not supported.");
    output = FromTensor(std::move(tensor), loan);
  } else if (IsStringList(value)) {
    output = FromStringList(value.toList());
  } else {
    throw Error(Code::kInternal, "PyTorch execute failure: output '" + spec.name +
                                     "' must be of type Tensor or List[str], received " + value.type()->str());
  }
  if (output.type != spec.type) {
    throw Error(Code::kInternal, std::string("configuration expects datatype ") + ConfigName(spec.type) +
                                     " for output '" + spec.name + "', model provides " + ConfigName(output.type));
  }
  return output;
}

}  // namespace tandem::torchscript
