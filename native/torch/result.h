#pragma once

#include <ATen/core/ivalue.h>

#include <string>
#include <vector>

#include "torch/instance.h"

namespace tandem::torchscript {

// A tensor or list of strings in what `forward` returned, or whatever else has nothing inside that could be one.
struct ResultLeaf {
  c10::IValue value;
  std::vector<std::string> keys;  // of the dictionaries on the way to it, outermost first
};

// All leaves, depth first: tuples and lists in their order, dictionaries in the order of insertion.
std::vector<ResultLeaf> LeavesOf(const c10::IValue& result);

// The leaf of an output: by its index, or, where there are dictionaries, by a key; the rules are in
// src/config/torch-naming.ts. `signature`, of forward, is for messages. Throws kInvalidArgument if there is none.
const c10::IValue& Select(const std::vector<ResultLeaf>& leaves, const OutputBinding& output,
                          const std::string& signature);

// Whether a value is a List[str], which is a leaf.
bool IsStringList(const c10::IValue& value);

}  // namespace tandem::torchscript
