#include "tensorflow/instance.h"

#include <utility>
#include <vector>

#include "tensorflow/tensors.h"

namespace tandem::tensorflow {
namespace {

// A run that fails is the server's failure to its clients, whatever op refused what (Triton says INTERNAL too); that
// memory ran out is worth its own code.
void CheckRun(const TF_Status* status) {
  const auto code = static_cast<Code>(Tf().TF_GetCode(status));
  if (code == Code::kOk) return;
  throw Error(code == Code::kResourceExhausted ? code : Code::kInternal, Tf().TF_Message(status));
}

class Instance final : public Session {
 public:
  Instance(std::shared_ptr<const LoadedSession> loaded, const std::string& run_options)
      : loaded_(std::move(loaded)), run_options_(ToBuffer(run_options)), status_(Tf().TF_NewStatus()) {}

  std::vector<OutputTensor> Run(std::span<const GatheredInput> inputs, std::span<const std::uint32_t> outputs,
                                Phases& phases, const std::shared_ptr<Loan>& loan) override {
    feeds_.clear();
    std::vector<TensorHandle> tensors;
    std::vector<TF_Tensor*> feed_values;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!inputs[i].present) continue;
      feeds_.push_back(loaded_->inputs[i]);
      tensors.push_back(ToTensorFlowTensor(inputs[i], lending_.mode(), loan));
      feed_values.push_back(tensors.back().get());
    }
    fetches_.clear();
    for (const std::uint32_t position : outputs) fetches_.push_back(loaded_->outputs[position]);
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
  const BufferHandle run_options_;
  const StatusHandle status_;
  Lending lending_{true};
  std::vector<TF_Output> feeds_;  // of the current run: kept to keep their memory
  std::vector<TF_Output> fetches_;
};

}  // namespace

std::unique_ptr<Session> MakeInstance(std::shared_ptr<const LoadedSession> loaded, const std::string& run_options) {
  return std::make_unique<Instance>(std::move(loaded), run_options);
}

}  // namespace tandem::tensorflow
