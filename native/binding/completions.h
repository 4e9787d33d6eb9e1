#pragma once

#include <napi.h>

#include <cstdint>
#include <vector>

#include "core/instance_pool.h"

namespace tandem::binding {

struct SlotExecution {
  std::uint32_t slot;  // which model's, by JavaScript's number for it
  Execution execution;
  bool retained = false;  // the engine still uses an input of it
};

// What JavaScript reads, in src/engine/completions.ts. `numbers` holds the number of executions and then for each:
//
//   slot, code, instance, requests n, retained, start, inputs ready, outputs start, end (steady-clock ns), rows,
//   outputs m, n tokens, then m times: position, data type, buffer, byte offset, byte length, rank r, r dims, row ends
//   e, e ends
//
// `buffers` are ArrayBuffers; `messages` has one string per execution whose code is not 0, in order.
struct Completions {
  Napi::Value numbers;
  Napi::Array buffers;
  Napi::Array messages;
};

class CompletionWriter {
 public:
  Completions Write(Napi::Env env, std::vector<SlotExecution> executions);
  void Reset() { numbers_.Reset(); }

 private:
  Napi::Value CopyNumbers(Napi::Env env, const std::vector<double>& numbers);

  Napi::Reference<Napi::Float64Array> numbers_;  // reused by every wake-up; grows
};

}  // namespace tandem::binding
