#pragma once

#include <cstddef>
#include <memory>
#include <optional>
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

// Where a configured tensor comes from, among the leaves of what `forward` returns.
struct OutputBinding {
  TensorSpec spec;
  std::size_t index = 0;  // where no dictionary is among what it returns
  // Of a name like KEY__INDEX, where there are dictionaries and the whole name is none of their keys.
  std::string key{};
  std::optional<std::size_t> key_index{};
};

struct ModelOptions {
  std::vector<InputBinding> inputs;
  std::vector<OutputBinding> outputs;
  std::string signature{};  // of `forward`, for messages
  // Threads that an operation may use, the instance's own among them; 0: libtorch's default, a thread per core.
  int threads = 0;
};

std::unique_ptr<Session> MakeInstance(const LoadedModule& module, const ModelOptions& options);

}  // namespace tandem::torchscript
