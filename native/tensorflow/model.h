#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/session.h"
#include "core/tensor.h"
#include "tensorflow/handles.h"

namespace tandem::tensorflow {

// A tensor of the model: under which name Tandem knows it, and which tensor of the graph it is.
struct Binding {
  TensorSpec spec;
  std::string tensor;  // "serving_default_x:0"
};

struct ModelOptions {
  std::vector<Binding> inputs;
  std::vector<Binding> outputs;
  std::string config;       // serialized ConfigProto
  std::string run_options;  // serialized RunOptions
};

// A graph with one TF_Session. TF_SessionRun is thread-safe, so several instances may share one.
struct LoadedSession {
  GraphHandle graph;
  SessionHandle session;  // after graph, so destroyed before it
};

// Throws kNotFound, kInvalidArgument ..., with TensorFlow's message.
std::shared_ptr<const LoadedSession> LoadSavedModel(const std::filesystem::path& directory,
                                                    std::span<const std::string> tags, const ModelOptions& options);
std::shared_ptr<const LoadedSession> LoadGraph(GraphHandle graph, const ModelOptions& options);

// An instance over `loaded`. Throws kInvalidArgument if a binding names a tensor that the graph lacks or one of another
// type.
std::unique_ptr<Session> MakeInstance(std::shared_ptr<const LoadedSession> loaded, const ModelOptions& options);

}  // namespace tandem::tensorflow
