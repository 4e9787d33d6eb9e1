#include "plan_loop.h"
#include "tensorflow/calibration.h"
#include "tensorflow/instance.h"
#include "tensorflow_model.h"

// Calibrates as Tandem does when it loads a TensorFlow model, then runs it by the plan chosen and by TensorFlow's own.
//
//   tensorflow_plans --library=... --saved-model=DIR --input=serving_default_x:0=-1,16 --output=...:0
//     --plan=NAME/frozen?/threads?/HEX ConfigProto/HEX RunOptions (several; the first is TensorFlow's own way)
//     --fallback=0 --freezing=HEX ConfigProto --calibrate=1,16 (batch sizes) --threads-gain=1.1 --rows=1
//     and what plan_loop.h takes

namespace {

using namespace tandem;
using namespace tandem::tensorflow;
using namespace tandem::bench;

ExecutionPlan ReadPlan(const std::string& text) {
  const std::vector<std::string> parts = SplitPlan(text, 5);
  return {parts[0], FromHex(parts[3]), FromHex(parts[4]), parts[1] == "1", parts[2] == "1"};
}

void Run(const Arguments& arguments) {
  LoadLibrary(One(arguments, "library"));
  const ModelTensors tensors = ReadTensors(arguments);
  const ModelSource source = ReadSource(arguments);
  std::vector<ExecutionPlan> plans;
  for (const std::string& plan : arguments.at("plan")) plans.push_back(ReadPlan(plan));
  ChosenPlan found;
  const double seconds = SecondsOf([&] {
    found = ChoosePlan(source, tensors,
                       {plans,
                        std::stoul(One(arguments, "fallback")),
                        FromHex(One(arguments, "freezing")),
                        ReadShape(One(arguments, "calibrate")),
                        std::stod(One(arguments, "threads-gain")),
                        {}});
  });
  const ExecutionPlan& plan = plans[found.calibration.chosen];
  const auto runner = [&tensors](std::shared_ptr<const LoadedSession> session, const std::string& run_options) {
    return std::make_unique<SessionRunner>(MakeInstance(std::move(session), run_options), tensors.outputs.size());
  };
  const auto chosen =
      runner(found.session ? found.session : LoadSession(source, tensors, plan.config), plan.run_options);
  const auto plain = runner(LoadSession(source, tensors, plans.front().config), plans.front().run_options);
  const Sample sample = SampleOf(tensors, true, std::stoll(One(arguments, "rows")));
  ComparePlans(arguments, plan.name, seconds, *plain, *chosen, sample);
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv, Run); }
