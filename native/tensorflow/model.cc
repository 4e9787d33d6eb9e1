#include "tensorflow/model.h"

#include <utility>

#include "tensorflow/data_type.h"
#include "tensorflow/graph.h"
#include "tensorflow/tensors.h"

namespace tandem::tensorflow {
namespace {

BufferHandle ToBuffer(const std::string& bytes) {
  return BufferHandle(bytes.empty() ? nullptr : Tf().TF_NewBufferFromString(bytes.data(), bytes.size()));
}

SessionOptionsHandle MakeSessionOptions(const std::string& config, TF_Status* status) {
  SessionOptionsHandle options(Tf().TF_NewSessionOptions());
  Tf().TF_SetConfig(options.get(), config.data(), config.size(), status);
  Check(status, "invalid session configuration");
  return options;
}

std::vector<TF_Output> Resolve(TF_Graph* graph, const std::vector<Binding>& bindings, const char* direction) {
  std::vector<TF_Output> tensors;
  for (const Binding& binding : bindings) {
    const TF_Output tensor = FindOutput(graph, binding.tensor);
    const DataType actual = FromTensorFlow(Tf().TF_OperationOutputType(tensor));
    if (actual != binding.spec.type) {
      throw Error(Code::kInvalidArgument, std::string("configuration expects datatype ") +
                                              ConfigName(binding.spec.type) + " for " + direction + " '" +
                                              binding.spec.name + "', model provides " + ConfigName(actual));
    }
    tensors.push_back(tensor);
  }
  return tensors;
}

// A run that fails is the server's failure to its clients, whatever op refused what (Triton says INTERNAL too); that
// memory ran out is worth its own code.
void CheckRun(const TF_Status* status) {
  const auto code = static_cast<Code>(Tf().TF_GetCode(status));
  if (code == Code::kOk) return;
  throw Error(code == Code::kResourceExhausted ? code : Code::kInternal, Tf().TF_Message(status));
}

class Instance final : public Session {
 public:
  Instance(std::shared_ptr<const LoadedSession> loaded, const ModelOptions& options)
      : loaded_(std::move(loaded)),
        inputs_(Resolve(loaded_->graph.get(), options.inputs, "input")),
        outputs_(Resolve(loaded_->graph.get(), options.outputs, "output")),
        run_options_(ToBuffer(options.run_options)),
        status_(Tf().TF_NewStatus()) {}

  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                Phases& phases, const std::shared_ptr<Loan>& loan) override {
    feeds_.clear();
    std::vector<TensorHandle> tensors;
    std::vector<TF_Tensor*> feed_values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].present) continue;
      feeds_.push_back(inputs_[i]);
      tensors.push_back(ToTensorFlowTensor(inputs[i], lending_.mode(), loan));
      feed_values.push_back(tensors.back().get());
    }
    fetches_.clear();
    for (const std::uint32_t position : outputs) fetches_.push_back(outputs_[position]);
    std::vector<TF_Tensor*> fetched(fetches_.size(), nullptr);
    phases.inputs_ready = NowNanos();

    Tf().TF_SessionRun(loaded_->session.get(), run_options_.get(), feeds_.data(), feed_values.data(),
                       static_cast<int>(feeds_.size()), fetches_.data(), fetched.data(),
                       static_cast<int>(fetches_.size()), nullptr, 0, nullptr, status_.get());
    phases.outputs_start = NowNanos();

    std::vector<TensorHandle> results;
    for (TF_Tensor* tensor : fetched) results.emplace_back(tensor);
    tensors.clear();  // before the outputs are looked at: an input handed through must not count as shared
    CheckRun(status_.get());
    std::vector<OutputTensor> converted;
    converted.reserve(results.size());
    for (TensorHandle& result : results) converted.push_back(FromTensorFlowTensor(std::move(result)));
    lending_.Observe(*loan);
    return converted;
  }

 private:
  const std::shared_ptr<const LoadedSession> loaded_;
  const std::vector<TF_Output> inputs_;
  const std::vector<TF_Output> outputs_;
  const BufferHandle run_options_;
  const StatusHandle status_;
  Lending lending_{true};
  std::vector<TF_Output> feeds_;  // of the current run: kept to keep their memory
  std::vector<TF_Output> fetches_;
};

}  // namespace

std::shared_ptr<const LoadedSession> LoadSavedModel(const std::filesystem::path& directory,
                                                    std::span<const std::string> tags, const ModelOptions& options) {
  const StatusHandle status(Tf().TF_NewStatus());
  const SessionOptionsHandle session_options = MakeSessionOptions(options.config, status.get());
  std::vector<const char*> tag_names;
  for (const std::string& tag : tags) tag_names.push_back(tag.c_str());
  auto loaded = std::make_shared<LoadedSession>();
  loaded->graph.reset(Tf().TF_NewGraph());
  loaded->session.reset(Tf().TF_LoadSessionFromSavedModel(session_options.get(), nullptr, directory.c_str(),
                                                          tag_names.data(), static_cast<int>(tag_names.size()),
                                                          loaded->graph.get(), nullptr, status.get()));
  Check(status.get(), "");
  return loaded;
}

std::shared_ptr<const LoadedSession> LoadGraph(GraphHandle graph, const ModelOptions& options) {
  const StatusHandle status(Tf().TF_NewStatus());
  const SessionOptionsHandle session_options = MakeSessionOptions(options.config, status.get());
  auto loaded = std::make_shared<LoadedSession>();
  loaded->graph = std::move(graph);
  loaded->session.reset(Tf().TF_NewSession(loaded->graph.get(), session_options.get(), status.get()));
  Check(status.get(), "");
  return loaded;
}

std::unique_ptr<Session> MakeInstance(std::shared_ptr<const LoadedSession> loaded, const ModelOptions& options) {
  return std::make_unique<Instance>(std::move(loaded), options);
}

}  // namespace tandem::tensorflow
