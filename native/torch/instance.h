#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/session.h"
#include "core/tensor.h"
#include "torch/module.h"

namespace tandem::torchscript {

// Where a configured tensor goes: which argument of `forward`, or which key of its one dictionary argument.
struct InputBinding {
  TensorSpec spec;
  std::size_t argument = 0;
  std::string key;  // not empty: an entry of the dictionary
};

// Where a configured tensor comes from: an index into the tuple or list, or a dictionary's key, which is its name.
struct OutputBinding {
  TensorSpec spec;
  std::size_t index = 0;
};

struct ModelOptions {
  std::vector<InputBinding> inputs;
  std::vector<OutputBinding> outputs;
  // Threads that an operation may use, the instance's own among them; 0: libtorch's default, a thread per core.
  int threads = 0;
};

std::unique_ptr<Session> MakeInstance(const LoadedModule& module, const ModelOptions& options);

}  // namespace tandem::torchscript
