#pragma once

#include <memory>
#include <span>
#include <string>

#include "tensorflow/loaded_session.h"

namespace tandem::tensorflow {

// A model's graph made flat: functions are inlined, variables are constants, and the session that runs it need neither
// look up a resource nor read it.
struct FrozenGraph {
  std::string graph_def;
  ModelTensors tensors;  // what inputs and outputs are called in it
};

// Freezes the model of `loaded`, which must be without effects (see effects.h) and is run once, with `sample`.
// `loaded` has to be a session of its own whose ConfigProto has the grappler optimizer "function" and no other.
//
// Throws kUnimplemented, saying what stands in the way: no variable, one used otherwise than by reading it, functions
// left over, several devices.
FrozenGraph Freeze(const LoadedSession& loaded, const ModelTensors& tensors, std::span<TF_Tensor* const> sample);

}  // namespace tandem::tensorflow
