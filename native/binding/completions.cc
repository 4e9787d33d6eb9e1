#include "binding/completions.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace tandem::binding {
namespace {

// Below this an output is copied into a slab that all small outputs of a wake-up share; from it on JavaScript sees the
// engine's memory. Measured by bench/output-copy.ts, which sets TANDEM_COPY_BELOW.
std::size_t CopyBelow() {
  static const std::size_t bytes = [] {
    const char* text = std::getenv("TANDEM_COPY_BELOW");
    return text == nullptr ? std::size_t{16} * 1024 : static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
  }();
  return bytes;
}
// A view keeps its whole slab alive, so slabs are small.
constexpr std::size_t kSlabSize = 64 * 1024;

constexpr std::size_t RoundUp(std::size_t size) { return (size + 7) / 8 * 8; }

struct Place {
  std::uint32_t buffer;
  std::size_t offset;
};

// Puts outputs into ArrayBuffers.
class Placement {
 public:
  Placement(Napi::Env env, std::size_t small_bytes) : env_(env), buffers_(Napi::Array::New(env)), left_(small_bytes) {}

  Place Put(const OutputTensor& output) { return output.byte_size < CopyBelow() ? Copy(output) : Share(output); }

  Napi::Array buffers() const { return buffers_; }

 private:
  Place Copy(const OutputTensor& output) {
    const std::size_t size = RoundUp(output.byte_size);
    if (slab_ == nullptr || used_ + size > capacity_) {
      capacity_ = std::max(size, std::min(left_, kSlabSize));
      Napi::ArrayBuffer slab = Napi::ArrayBuffer::New(env_, capacity_);
      slab_ = static_cast<std::byte*>(slab.Data());
      slab_index_ = count_;
      used_ = 0;
      buffers_.Set(count_++, slab);
    }
    if (output.byte_size > 0) std::memcpy(slab_ + used_, output.data.get(), output.byte_size);
    left_ -= size;
    return {slab_index_, std::exchange(used_, used_ + size)};
  }

  Place Share(const OutputTensor& output) {
    // V8 wants mutable memory. It is: the engine gave up its right to it, or the output is a copy already.
    auto* data = const_cast<std::byte*>(output.data.get());
    auto* owner = new std::shared_ptr<const std::byte>(output.data);
    buffers_.Set(count_,
                 Napi::ArrayBuffer::New(
                     env_, data, output.byte_size,
                     [](Napi::BasicEnv, void*, std::shared_ptr<const std::byte>* last) { delete last; }, owner));
    return {count_++, 0};
  }

  Napi::Env env_;
  Napi::Array buffers_;
  std::size_t left_;  // small bytes still to come
  std::uint32_t count_ = 0;
  std::byte* slab_ = nullptr;
  std::uint32_t slab_index_ = 0;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
};

std::size_t SmallBytes(const std::vector<SlotExecution>& executions) {
  std::size_t total = 0;
  for (const SlotExecution& done : executions) {
    for (const OutputTensor& output : done.execution.outputs) {
      if (output.byte_size < CopyBelow()) total += RoundUp(output.byte_size);
    }
  }
  return total;
}

void WriteOutput(const OutputTensor& output, std::uint32_t position, Place place, std::vector<double>& numbers) {
  for (const std::size_t number :
       {static_cast<std::size_t>(position), static_cast<std::size_t>(output.type),
        static_cast<std::size_t>(place.buffer), place.offset, output.byte_size, output.shape.size()}) {
    numbers.push_back(static_cast<double>(number));
  }
  for (const std::int64_t dim : output.shape) numbers.push_back(static_cast<double>(dim));
  numbers.push_back(static_cast<double>(output.row_ends.size()));
  for (const std::size_t end : output.row_ends) numbers.push_back(static_cast<double>(end));
}

}  // namespace

Completions CompletionWriter::Write(Napi::Env env, std::vector<SlotExecution> executions) {
  std::vector<double> numbers{static_cast<double>(executions.size())};
  Placement placement(env, SmallBytes(executions));
  const Napi::Array messages = Napi::Array::New(env);
  for (const auto& [slot, execution, retained] : executions) {
    const Phases& phases = execution.phases;
    numbers.insert(numbers.end(),
                   {static_cast<double>(slot), static_cast<double>(execution.failure.code),
                    static_cast<double>(execution.instance), static_cast<double>(execution.batch.requests.size()),
                    retained ? 1.0 : 0.0, static_cast<double>(phases.start), static_cast<double>(phases.inputs_ready),
                    static_cast<double>(phases.outputs_start), static_cast<double>(phases.end),
                    static_cast<double>(execution.batch.rows), static_cast<double>(execution.outputs.size())});
    for (const Request& request : execution.batch.requests) numbers.push_back(static_cast<double>(request.token));
    for (std::size_t i = 0; i < execution.outputs.size(); ++i) {
      const OutputTensor& output = execution.outputs[i];
      WriteOutput(output, execution.positions[i], placement.Put(output), numbers);
    }
    if (execution.failure.code != Code::kOk) messages.Set(messages.Length(), execution.failure.message);
  }
  return {CopyNumbers(env, numbers), placement.buffers(), messages};
}

Napi::Value CompletionWriter::CopyNumbers(Napi::Env env, const std::vector<double>& numbers) {
  if (numbers_.IsEmpty() || numbers_.Value().ElementLength() < numbers.size()) {
    constexpr std::size_t kInitial = 1024;
    numbers_ = Napi::Persistent(Napi::Float64Array::New(env, std::max(kInitial, numbers.size() * 2)));
  }
  Napi::Float64Array array = numbers_.Value();
  std::memcpy(array.Data(), numbers.data(), numbers.size() * sizeof(double));
  return array;
}

}  // namespace tandem::binding
