#pragma once

#include <sstream>

#include "raw_loop.h"
#include "tensorflow/loaded_session.h"
#include "tensorflow/sample.h"

// A TensorFlow model as arguments name it: float tensors only.

namespace tandem::bench {

inline std::string Optional(const Arguments& arguments, const std::string& name) {
  return arguments.contains(name) ? One(arguments, name) : "";
}

inline Shape ReadShape(const std::string& dims) {
  Shape shape;
  std::stringstream stream(dims);
  for (std::string dim; std::getline(stream, dim, ',');) shape.push_back(std::stoll(dim));
  return shape;
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

// --saved-model=DIR [--tag=serve]
inline tensorflow::ModelSource ReadSource(const Arguments& arguments) {
  tensorflow::ModelSource source;
  source.path = One(arguments, "saved-model");
  source.tags = {arguments.contains("tag") ? One(arguments, "tag") : "serve"};
  return source;
}

}  // namespace tandem::bench
