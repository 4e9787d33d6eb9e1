#pragma once

#include <optional>

namespace tandem::torchscript {

// What libtorch has only once in a process. nullopt: as it is.
struct ProcessSettings {
  std::optional<int> inter_op_threads;  // for whole operations: torch.jit.fork
  std::optional<bool> jit_executor;     // false: the interpreter without specialisation
  std::optional<bool> jit_profiling;    // whether first runs are watched to specialise what follows
  std::optional<bool> tensor_fuser;     // whether element-wise operations are compiled into one
};

// Each setting is what the first who asks for it says, for the life of the process. Returns what is in effect, all
// members present.
ProcessSettings Settle(const ProcessSettings& wanted);

}  // namespace tandem::torchscript
