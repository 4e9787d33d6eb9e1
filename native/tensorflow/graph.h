#pragma once

#include <filesystem>
#include <string>

#include "tensorflow/handles.h"

namespace tandem::tensorflow {

// A frozen GraphDef file as a graph. Throws kNotFound, kInvalidArgument, with TensorFlow's message.
GraphHandle ImportGraph(const std::filesystem::path& graph_def);

// `name` is a node ("probabilities") or a tensor ("probabilities:0"). Throws kInvalidArgument for one that is not
// there.
TF_Output FindOutput(TF_Graph* graph, const std::string& name);

}  // namespace tandem::tensorflow
