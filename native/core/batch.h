#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace tandem {

// The bytes of one input of one request: borrowed from the caller until the request has completed.
struct InputView {
  bool present = false;
  std::span<const std::byte> bytes;
  Shape shape;  // empty: as the model declares it, with the request's rows as dimension 0
};

struct Request {
  std::uint32_t token = 0;  // the caller's name for it
  std::int64_t rows = 1;
  std::vector<InputView> inputs;       // by the model's input positions
  std::vector<std::uint32_t> outputs;  // positions wanted; empty: all
};

// Requests that are executed together, concatenated along dimension 0 in this order.
struct Batch {
  std::vector<Request> requests;
  std::int64_t rows = 0;

  void Add(Request request);
  // Whether `other` may be executed with this one: the same inputs, with the same dimensions behind the first except in
  // ragged ones. `inputs` are those of the model that requests bring.
  bool AgreesWith(const Batch& other, std::span<const TensorSpec> inputs) const;
};

// One input of a batch: the requests' pieces, which the engine copies together, or borrows if there is just one.
struct GatheredInput {
  bool present = false;
  DataType type = DataType::kInvalid;
  Shape shape;
  std::vector<std::span<const std::byte>> pieces;
  std::size_t byte_size = 0;
  // What `pieces` lie in where they are not the callers': freed with the execution, so an engine has to copy it.
  std::shared_ptr<const std::byte> made;

  // Whether an engine can use the caller's memory as it is: one piece, and aligned to `alignment` bytes.
  bool Borrowable(std::size_t alignment) const;
  void CopyTo(std::byte* destination) const;
};

// The input's own shape: as handed over, or as the model declares it.
Shape ShapeOf(const InputView& input, const TensorSpec& spec, std::int64_t rows);

// Throws kInvalidArgument where bytes and shape disagree, so that no engine reads past a caller's buffer.
std::vector<GatheredInput> Gather(const Batch& batch, std::span<const TensorSpec> inputs);

// Positions of the outputs that any request of the batch wants, ascending.
std::vector<std::uint32_t> OutputsWanted(const Batch& batch, std::size_t output_count);

}  // namespace tandem
