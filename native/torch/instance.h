#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/sample.h"
#include "core/session.h"
#include "core/tensor.h"
#include "torch/execution_guards.h"
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
  ExecutionSettings execution = {};
};

// How one instance runs.
struct InstanceOptions {
  // Threads that an operation may use, the instance's own among them; 0: libtorch's default, a thread per core.
  int threads = 0;
  // Inputs that it runs on its thread before its first request: libtorch specialises a module while it runs it, and
  // oneDNN keeps what it prepares by thread. Null: none.
  std::shared_ptr<const std::vector<Sample>> warm_up;
  // Held while it runs; null: nothing is.
  std::shared_ptr<std::mutex> turns;
};

// An instance that runs `module`, which is one of `loaded`'s.
std::unique_ptr<Session> MakeInstance(const LoadedModule& loaded, const torch::jit::Module& module,
                                      const ModelOptions& model, const InstanceOptions& options);

}  // namespace tandem::torchscript
