#include <torch/csrc/jit/api/module.h>

#include "plan_loop.h"
#include "torch/plans.h"

// Calibrates as Tandem does when it loads a TorchScript file, then runs it by the plan chosen and by plain `forward`.
// Float tensors only, one output.
//
//   torch_plans --module=model.pt --input=-1,16 --plan=NAME/plain|frozen|optimized/threads (several; the first is
//   plain)
//     --fallback=0 --calibrate=1,16 (batch sizes) --threads-gain=1.1 --rows=1
//     and what plan_loop.h takes

namespace {

using namespace tandem;
using namespace tandem::torchscript;
using namespace tandem::bench;

ExecutionPlan ReadPlan(const std::string& text) {
  const std::vector<std::string> parts = SplitPlan(text, 3);
  const Way way = parts[1] == "optimized" ? Way::kOptimized : parts[1] == "frozen" ? Way::kFrozen : Way::kPlain;
  return {parts[0], way, std::stoi(parts[2])};
}

void Run(const Arguments& arguments) {
  ModelOptions model;
  for (const std::string& dims : arguments.at("input")) {
    model.inputs.push_back({{"input", DataType::kFloat32, ReadShape(dims), true}, model.inputs.size(), ""});
  }
  model.outputs.push_back({{"output", DataType::kFloat32, {}, false}, 0});
  std::vector<ExecutionPlan> plans;
  for (const std::string& plan : arguments.at("plan")) plans.push_back(ReadPlan(plan));
  std::unique_ptr<LoadedModule> module;
  Calibration calibration;
  const double seconds = SecondsOf([&] {
    module = std::make_unique<LoadedModule>(One(arguments, "module"), "cpu");
    calibration = ChoosePlan(*module, model,
                             {plans,
                              std::stoul(One(arguments, "fallback")),
                              ReadShape(One(arguments, "calibrate")),
                              std::stod(One(arguments, "threads-gain")),
                              {}});
  });
  const auto runner = [&](const ExecutionPlan& plan) {
    return std::make_unique<SessionRunner>(
        MakeInstance(*module, module->Shared(plan.way), model, {plan.threads, nullptr, nullptr}), 1);
  };
  const ExecutionPlan& plan = plans[calibration.chosen];
  const auto chosen = runner(plan);
  const auto plain = runner(plans.front());
  std::vector<TensorSpec> inputs;
  for (const InputBinding& input : model.inputs) inputs.push_back(input.spec);
  ComparePlans(arguments, plan.name, seconds, *plain, *chosen,
               MakeSample(inputs, {}, true, std::stoll(One(arguments, "rows")), 1));
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv, Run); }
