#include "core/batch_input.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "core/error.h"

namespace tandem {
namespace {

// The shape of the source input in each request, batch dimension included.
std::vector<Shape> SourceShapes(const BatchInput& input, const Batch& batch, std::span<const TensorSpec> inputs) {
  const TensorSpec& spec = inputs[input.source];
  std::vector<Shape> shapes;
  for (const Request& request : batch.requests) {
    const InputView& view = request.inputs[input.source];
    if (!view.present) {
      throw Error(Code::kInvalidArgument,
                  "input '" + spec.name + "' is missing, and batch input '" + input.name + "' is made of it");
    }
    shapes.push_back(ShapeOf(view, spec, request.rows));
  }
  return shapes;
}

struct Numbers {
  Shape shape;
  std::vector<std::int64_t> values;  // as many as the shape says, or none for zeros
};

Numbers Counts(BatchInputKind kind, const std::vector<Shape>& shapes) {
  Numbers counts;
  if (kind == BatchInputKind::kAccumulatedElementCountWithZero) counts.values.push_back(0);
  std::int64_t sum = 0;
  for (const Shape& shape : shapes) {
    const std::int64_t count = ElementCount(shape);
    sum += count;
    counts.values.push_back(kind == BatchInputKind::kElementCount ? count : sum);
  }
  counts.shape = {static_cast<std::int64_t>(counts.values.size())};
  return counts;
}

Numbers LargestAsShape(const std::vector<Shape>& shapes) {
  std::int64_t largest = 0;
  for (const Shape& shape : shapes) largest = std::max(largest, ElementCount(shape));
  return {{largest}, {}};
}

Numbers ItemShapes(BatchInputKind kind, const Batch& batch, const std::vector<Shape>& shapes) {
  Numbers items;
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    if (shapes[i].empty() || shapes[i].size() != shapes.front().size()) {
      throw Error(Code::kInvalidArgument, "rows of shapes " + ToString(shapes.front()) + " and " + ToString(shapes[i]) +
                                              " cannot be described in one batch");
    }
    for (std::int64_t row = 0; row < batch.requests[i].rows; ++row) {
      items.values.insert(items.values.end(), shapes[i].begin() + 1, shapes[i].end());
    }
  }
  const auto rank = static_cast<std::int64_t>(shapes.front().size()) - 1;
  items.shape = kind == BatchInputKind::kItemShape ? Shape{batch.rows, rank} : Shape{batch.rows * rank};
  return items;
}

Numbers NumbersOf(const BatchInput& input, const Batch& batch, const std::vector<Shape>& shapes) {
  switch (input.kind) {
    case BatchInputKind::kElementCount:
    case BatchInputKind::kAccumulatedElementCount:
    case BatchInputKind::kAccumulatedElementCountWithZero:
      return Counts(input.kind, shapes);
    case BatchInputKind::kMaxElementCountAsShape:
      return LargestAsShape(shapes);
    case BatchInputKind::kItemShape:
    case BatchInputKind::kItemShapeFlatten:
      return ItemShapes(input.kind, batch, shapes);
  }
  throw Error(Code::kInternal, "batch input '" + input.name + "' is of an unknown kind");
}

std::int32_t ToInt32(std::int64_t number, const BatchInput& input) {
  if (number <= std::numeric_limits<std::int32_t>::max()) return static_cast<std::int32_t>(number);
  throw Error(Code::kInvalidArgument, std::to_string(number) + " elements are too many for batch input '" + input.name +
                                          "' of type " + ConfigName(input.type));
}

}  // namespace

GatheredInput MakeBatchInput(const BatchInput& input, const Batch& batch, std::span<const TensorSpec> inputs) {
  Numbers numbers = NumbersOf(input, batch, SourceShapes(input, batch, inputs));
  GatheredInput gathered;
  gathered.present = true;
  gathered.type = input.type;
  gathered.shape = std::move(numbers.shape);
  static_assert(sizeof(float) == sizeof(std::int32_t));
  gathered.byte_size = static_cast<std::size_t>(ElementCount(gathered.shape)) * sizeof(std::int32_t);
  const auto memory = AllocateAligned(gathered.byte_size);
  if (numbers.values.empty()) std::memset(memory.get(), 0, gathered.byte_size);
  std::byte* next = memory.get();
  for (const std::int64_t number : numbers.values) {
    if (input.type == DataType::kFloat32) {
      const auto value = static_cast<float>(number);
      std::memcpy(next, &value, sizeof value);
      next += sizeof value;
    } else {
      const std::int32_t value = ToInt32(number, input);
      std::memcpy(next, &value, sizeof value);
      next += sizeof value;
    }
  }
  gathered.pieces.emplace_back(memory.get(), gathered.byte_size);
  gathered.made = memory;
  return gathered;
}

}  // namespace tandem
