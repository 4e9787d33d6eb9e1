#include "torch/plans.h"

#include <torch/csrc/jit/api/module.h>

#include "core/error.h"

namespace tandem::torchscript {
namespace {

// Up to here a plan may hold the weights once more.
constexpr std::size_t kDoubledBytes = std::size_t{128} << 20;

class InstanceMaker final : public PlanMaker {
 public:
  InstanceMaker(LoadedModule& module, const ModelOptions& model, std::span<const ExecutionPlan> plans)
      : module_(module), model_(model), plans_(plans) {}

  std::string Effect() override { return module_.effect(); }

  std::unique_ptr<Session> Make(std::size_t plan, const Sample*) override {
    const auto& [name, way, threads] = plans_[plan];
    if (plan > 0) CheckMemory(way);
    return MakeInstance(module_, module_.Shared(way), model_, {threads, nullptr, nullptr});
  }

  void Drop(std::size_t) override {}  // what was made of the module serves other plans too

 private:
  // oneDNN's form of a fully connected layer stands beside the weights, not in their place.
  void CheckMemory(Way way) const {
    if (way != Way::kOptimized) return;
    const std::size_t bytes = module_.WeightBytes(way);
    if (bytes > kDoubledBytes && bytes > module_.WeightBytes(Way::kPlain) * 3 / 2)
      throw Error(Code::kUnimplemented, "it would hold large weights twice");
  }

  LoadedModule& module_;
  const ModelOptions& model_;
  const std::span<const ExecutionPlan> plans_;
};

}  // namespace

Calibration ChoosePlan(LoadedModule& module, const ModelOptions& model, const PlanOptions& options) {
  CalibrationOptions trial;
  for (const ExecutionPlan& plan : options.plans) trial.plans.push_back({plan.name, plan.threads != 1, false});
  trial.fallback = options.fallback;
  for (const InputBinding& input : model.inputs) trial.inputs.push_back(input.spec);
  trial.output_count = model.outputs.size();
  trial.rows = options.rows;
  trial.sample_shapes = options.sample_shapes;
  trial.threads_gain = options.threads_gain;
  InstanceMaker maker(module, model, options.plans);
  return Calibrate(maker, trial);
}

}  // namespace tandem::torchscript
