#pragma once

#include "plan_loop.h"
#include "tensorflow/loaded_session.h"

// A TensorFlow model as arguments name it: float tensors only.

namespace tandem::bench {

inline std::string Optional(const Arguments& arguments, const std::string& name) {
  return arguments.contains(name) ? One(arguments, name) : "";
}

// --input=tensor=dims, --output=tensor
inline tensorflow::ModelTensors ReadTensors(const Arguments& arguments) {
  tensorflow::ModelTensors tensors;
  for (const std::string& input : arguments.at("input")) {
    const std::size_t equals = input.find('=');
    const std::string name = input.substr(0, equals);
    tensors.inputs.push_back({{name, DataType::kFloat32, ReadShape(input.substr(equals + 1)), true}, name});
  }
  for (const std::string& output : arguments.at("output")) {
    tensors.outputs.push_back({{output, DataType::kFloat32, {}, false}, output});
  }
  return tensors;
}

inline Sample SampleOf(const tensorflow::ModelTensors& tensors, bool batched, std::int64_t rows) {
  std::vector<TensorSpec> inputs;
  for (const tensorflow::Binding& input : tensors.inputs) inputs.push_back(input.spec);
  return MakeSample(inputs, {}, batched, rows, 1);
}

// --saved-model=DIR [--tag=serve]
inline tensorflow::ModelSource ReadSource(const Arguments& arguments) {
  tensorflow::ModelSource source;
  source.path = One(arguments, "saved-model");
  source.tags = {arguments.contains("tag") ? One(arguments, "tag") : "serve"};
  return source;
}

}  // namespace tandem::bench
