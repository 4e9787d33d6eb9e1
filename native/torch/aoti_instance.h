#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/session.h"
#include "core/tensor.h"
#include "torch/aoti_package.h"
#include "torch/execution_guards.h"

namespace tandem::aotinductor {

// Where a configured input goes. The code of a package trusts the shapes of its inputs and reads beyond them where they
// are others, so they are compared with what it was compiled for.
struct InputBinding {
  TensorSpec spec;
  std::size_t leaf = 0;
  bool known_dims = false;
  // By dimension: from 0 on the only value; below it a symbol. Dimensions of the same symbol have to be equal.
  std::vector<std::int64_t> dims;
};

// Where a configured output comes from: a leaf of the results.
struct OutputBinding {
  TensorSpec spec;
  std::size_t leaf = 0;
};

struct ModelOptions {
  std::vector<InputBinding> inputs;
  std::vector<OutputBinding> outputs;
  // Whether the package writes to some of its inputs, so that callers' memory must not be lent.
  bool writes_inputs = false;
  torchscript::ExecutionSettings settings;
  // Threads that an operation may use, the instance's own among them; 0: libtorch's default, a thread per core.
  int threads = 0;
};

std::unique_ptr<Session> MakeInstance(std::shared_ptr<Package> package, const ModelOptions& options);

// Runs the package once with inputs made up, of exactly the shapes given: zeros for whole numbers, else random. Returns
// the types and shapes of all its results. Throws as a run of an instance does.
std::vector<TensorSpec> TryOut(Package& package, const std::vector<InputBinding>& inputs);

}  // namespace tandem::aotinductor
