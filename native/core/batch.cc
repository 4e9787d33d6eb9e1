#include "core/batch.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/bytes_elements.h"
#include "core/error.h"

namespace tandem {
namespace {

void Append(GatheredInput& gathered, const InputView& input, Shape shape, const TensorSpec& spec) {
  const std::int64_t count = ElementCount(shape);
  if (spec.type == DataType::kBytes) {
    CheckBytesElements(input.bytes, count, "input", spec.name);
  } else if (input.bytes.size() != static_cast<std::size_t>(count) * ElementSize(spec.type)) {
    throw Error(Code::kInvalidArgument, "input '" + spec.name + "' has " + std::to_string(input.bytes.size()) +
                                            " bytes, expected " +
                                            std::to_string(static_cast<std::size_t>(count) * ElementSize(spec.type)) +
                                            " for shape " + ToString(shape));
  }
  if (spec.ragged) shape = {count};
  if (gathered.pieces.empty()) {
    gathered.shape = std::move(shape);
  } else if (shape.empty() || shape.size() != gathered.shape.size() ||
             !std::equal(shape.begin() + 1, shape.end(), gathered.shape.begin() + 1)) {
    throw Error(Code::kInvalidArgument, "input '" + spec.name + "': shapes " + ToString(gathered.shape) + " and " +
                                            ToString(shape) + " cannot be batched together");
  } else {
    gathered.shape.front() += shape.front();
  }
  gathered.pieces.push_back(input.bytes);
  gathered.byte_size += input.bytes.size();
}

bool SameBehindFirst(const Shape& a, const Shape& b) {
  return a.size() == b.size() && (a.empty() || std::equal(a.begin() + 1, a.end(), b.begin() + 1));
}

}  // namespace

Shape ShapeOf(const InputView& input, const TensorSpec& spec, std::int64_t rows) {
  if (!input.shape.empty() || spec.shape.empty()) return input.shape;
  Shape shape = spec.shape;
  if (shape.front() < 0) shape.front() = rows;
  return shape;
}

void Batch::Add(Request request) {
  rows += request.rows;
  requests.push_back(std::move(request));
}

bool Batch::AgreesWith(const Batch& other, std::span<const TensorSpec> inputs) const {
  const Request& a = requests.front();
  const Request& b = other.requests.front();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (a.inputs[i].present != b.inputs[i].present) return false;
    if (!inputs[i].ragged && !SameBehindFirst(a.inputs[i].shape, b.inputs[i].shape)) return false;
  }
  return true;
}

bool GatheredInput::Borrowable(std::size_t alignment) const {
  return pieces.size() == 1 && made == nullptr && type != DataType::kBytes && !pieces.front().empty() &&
         reinterpret_cast<std::uintptr_t>(pieces.front().data()) % alignment == 0;
}

void GatheredInput::CopyTo(std::byte* destination) const {
  for (const auto& piece : pieces) {
    if (piece.empty()) continue;
    std::memcpy(destination, piece.data(), piece.size());
    destination += piece.size();
  }
}

std::vector<GatheredInput> Gather(const Batch& batch, std::span<const TensorSpec> inputs) {
  std::vector<GatheredInput> gathered(inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    gathered[i].type = inputs[i].type;
    for (const Request& request : batch.requests) {
      const InputView& input = request.inputs[i];
      if (!input.present) continue;
      gathered[i].present = true;
      Append(gathered[i], input, ShapeOf(input, inputs[i], request.rows), inputs[i]);
    }
  }
  return gathered;
}

std::vector<std::uint32_t> OutputsWanted(const Batch& batch, std::size_t output_count) {
  std::vector<bool> wanted(output_count, false);
  for (const Request& request : batch.requests) {
    if (request.outputs.empty()) wanted.assign(output_count, true);
    for (const std::uint32_t position : request.outputs) wanted.at(position) = true;
  }
  std::vector<std::uint32_t> positions;
  for (std::uint32_t i = 0; i < output_count; ++i) {
    if (wanted[i]) positions.push_back(i);
  }
  return positions;
}

}  // namespace tandem
