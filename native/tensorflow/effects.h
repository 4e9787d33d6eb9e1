#pragma once

#include <span>
#include <string>

#include "tensorflow/graph_def.h"

namespace tandem::tensorflow {

// The first operation by which running a model could leave something behind (a variable assigned, a queue filled, a
// random generator advanced) or that could answer differently the next time; "" if there is none. Only what the
// `fetches`, names of nodes, need is looked at, functions included. Operations of custom libraries count by what they
// declare of themselves.
std::string FindEffect(const GraphDef& graph, std::span<const std::string> fetches);

}  // namespace tandem::tensorflow
