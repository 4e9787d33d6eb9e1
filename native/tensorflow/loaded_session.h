#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "tensorflow/handles.h"

namespace tandem::tensorflow {

// A tensor of the model: under which name Tandem knows it, and which tensor of the graph it is.
struct Binding {
  TensorSpec spec;
  std::string tensor;  // "serving_default_x:0"
};

struct ModelTensors {
  std::vector<Binding> inputs;
  std::vector<Binding> outputs;
};

// Where a graph comes from, and what makes it ready to run.
struct ModelSource {
  std::filesystem::path path;
  bool is_graph_def = false;
  std::vector<std::string> tags;  // of the SavedModel's graph
  // Operations to run once in every session, in this order, before anything else.
  std::vector<std::string> init_operations;
  // Where operations go that name no device, "/device:GPU:1"; "": left to TensorFlow.
  std::string device;
  // A GraphDef's own placement on other devices than the CPU is dropped.
  bool clears_devices = false;
};

// A graph with one TF_Session. TF_SessionRun is thread-safe, so several instances may share one.
struct LoadedSession {
  GraphHandle graph;
  SessionHandle session;  // after graph, so destroyed before it
  std::vector<TF_Output> inputs;
  std::vector<TF_Output> outputs;
};

// `config` is a ConfigProto message. Throws kNotFound, kInvalidArgument ..., with TensorFlow's message;
// kInvalidArgument if a binding names a tensor that the graph lacks or one of another type, or if an init operation is
// not there.
std::shared_ptr<const LoadedSession> LoadSession(const ModelSource& source, const ModelTensors& tensors,
                                                 const std::string& config);

// The same for a GraphDef message in memory.
std::shared_ptr<const LoadedSession> LoadSessionFromGraph(std::string_view graph_def, const ModelTensors& tensors,
                                                          const std::string& config);

// Null for an empty message, which stands for TensorFlow's defaults.
BufferHandle ToBuffer(const std::string& message);

// Registers the operations of a shared library with TensorFlow, for the whole process. Throws with TensorFlow's
// message.
void LoadOperationLibrary(const std::string& path);

}  // namespace tandem::tensorflow
