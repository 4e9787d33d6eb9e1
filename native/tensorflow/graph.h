#pragma once

#include <string>
#include <string_view>

#include "tensorflow/handles.h"
#include "tensorflow/loaded_session.h"

namespace tandem::tensorflow {

// A GraphDef file as a graph, its operations placed as `source` says. Throws kNotFound, kInvalidArgument, with
// TensorFlow's message.
GraphHandle ImportGraphFile(const ModelSource& source);

// A GraphDef message as a graph; operations that name no device go to `device`, if there is one.
GraphHandle ImportGraph(std::string_view graph_def, const std::string& device);

// `name` is a node ("probabilities") or a tensor ("probabilities:0"). Throws kInvalidArgument for one that is not
// there.
TF_Output FindOutput(TF_Graph* graph, const std::string& name);

}  // namespace tandem::tensorflow
