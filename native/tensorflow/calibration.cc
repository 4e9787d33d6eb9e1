#include "tensorflow/calibration.h"

#include <utility>

#include "core/error.h"
#include "core/freed_memory.h"
#include "core/session_runner.h"
#include "tensorflow/effects.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/instance.h"
#include "tensorflow/tensors.h"

namespace tandem::tensorflow {
namespace {

class SessionMaker final : public PlanMaker {
 public:
  SessionMaker(const ModelSource& source, const ModelTensors& tensors, const PlanOptions& options)
      : source_(source), tensors_(tensors), options_(options), sessions_(options.plans.size()) {}

  // Of the first plan's graph, so that has been made.
  std::string Effect() override {
    const BufferHandle buffer(Tf().TF_NewBuffer());
    const StatusHandle status(Tf().TF_NewStatus());
    Tf().TF_GraphToGraphDef(sessions_.front()->graph.get(), buffer.get(), status.get());
    Check(status.get(), "");
    std::vector<std::string> fetches;
    for (const Binding& output : tensors_.outputs) fetches.push_back(output.tensor);
    const std::string effect =
        FindEffect(ReadGraphDef({static_cast<const char*>(buffer->data), buffer->length}), fetches);
    if (effect.empty()) return "";
    return "operation " + effect + " may leave something behind or answer differently each time";
  }

  std::unique_ptr<Session> Make(std::size_t plan, const Sample* sample) override {
    sessions_[plan] = SharesFirst(plan) ? sessions_.front() : Load(options_.plans[plan], sample);
    return MakeInstance(sessions_[plan], options_.plans[plan].run_options);
  }

  void Drop(std::size_t plan) override { sessions_[plan] = nullptr; }

  // Whether a plan's runs differ from the first's by their RunOptions alone.
  bool SharesFirst(std::size_t plan) const {
    return plan > 0 && options_.plans[plan].config == options_.plans.front().config && !options_.plans[plan].frozen;
  }

  std::shared_ptr<const LoadedSession> TakeSession(std::size_t plan) { return sessions_[SharesFirst(plan) ? 0 : plan]; }
  std::shared_ptr<const FrozenGraph> frozen() const { return frozen_; }

 private:
  std::shared_ptr<const LoadedSession> Load(const ExecutionPlan& plan, const Sample* sample) {
    if (!plan.frozen || sample == nullptr) return LoadSession(source_, tensors_, plan.config);
    const FrozenGraph& frozen = Frozen(*sample);
    return LoadSessionFromGraph(frozen.graph_def, frozen.tensors, plan.config);
  }

  const FrozenGraph& Frozen(const Sample& sample) {
    if (!cannot_freeze_.empty()) throw Error(Code::kUnimplemented, cannot_freeze_);
    if (frozen_ != nullptr) return *frozen_;
    try {
      const auto own = LoadSession(source_, tensors_, options_.freezing_config);
      const std::vector<TensorHandle> inputs = ToTensorFlowTensors(sample);
      frozen_ = std::make_shared<const FrozenGraph>(Freeze(*own, tensors_, Pointers(inputs)));
    } catch (const Error& error) {
      cannot_freeze_ = error.what();
      throw;
    }
    return *frozen_;
  }

  const ModelSource& source_;
  const ModelTensors& tensors_;
  const PlanOptions& options_;
  std::vector<std::shared_ptr<const LoadedSession>> sessions_;  // by plan, of those that may still be chosen
  std::shared_ptr<const FrozenGraph> frozen_;
  std::string cannot_freeze_;
};

std::vector<std::uint32_t> AllOutputs(const LoadedSession& loaded) {
  std::vector<std::uint32_t> outputs(loaded.outputs.size());
  for (std::uint32_t i = 0; i < outputs.size(); ++i) outputs[i] = i;
  return outputs;
}

}  // namespace

ChosenPlan ChoosePlan(const ModelSource& source, const ModelTensors& tensors, const PlanOptions& options) {
  ChosenPlan result;
  {
    SessionMaker maker(source, tensors, options);
    CalibrationOptions trial;
    for (std::size_t i = 0; i < options.plans.size(); ++i) {
      trial.plans.push_back({options.plans[i].name, options.plans[i].threads, i > 0 && !maker.SharesFirst(i)});
    }
    trial.fallback = options.fallback;
    for (const Binding& input : tensors.inputs) trial.inputs.push_back(input.spec);
    trial.output_count = tensors.outputs.size();
    trial.rows = options.rows;
    trial.sample_shapes = options.sample_shapes;
    trial.threads_gain = options.threads_gain;
    result.calibration = Calibrate(maker, trial);
    const std::size_t chosen = result.calibration.chosen;
    result.session = maker.TakeSession(chosen);
    if (options.plans[chosen].frozen) result.frozen = maker.frozen();
  }
  ReturnFreedMemory();  // of the sessions not chosen
  return result;
}

void WarmUp(const std::shared_ptr<const LoadedSession>& loaded, const std::string& run_options,
            std::span<const Sample> samples) {
  if (samples.empty()) return;
  const auto session = MakeInstance(loaded, run_options);
  for (const Sample& sample : samples) RunSample(*session, AllOutputs(*loaded), sample);
}

}  // namespace tandem::tensorflow
