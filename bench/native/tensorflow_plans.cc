#include <chrono>
#include <sstream>
#include <utility>

#include "tensorflow/calibration.h"
#include "tensorflow/plan_runner.h"
#include "tensorflow_model.h"

// What choosing an execution plan wins: calibrates as Tandem does when it loads a model, then calls TF_SessionRun by
// the plan chosen and by TensorFlow's own, in turns, one call at a time.
//
//   tensorflow_plans --library=... --saved-model=DIR --input=serving_default_x:0=-1,16 --output=...:0
//     --plan=NAME/frozen?/threads?/HEX ConfigProto/HEX RunOptions (several; the first is TensorFlow's own way)
//     --fallback=0 --freezing=HEX ConfigProto --calibrate=1,16 (batch sizes) --threads-gain=1.1 --rows=1 --seconds=2
//     --rounds=5
//
// Prints {"plan", "load_seconds", "plain_us": [], "chosen_us": []}: the median of each round.

namespace {

using namespace tandem::tensorflow;
using namespace tandem::bench;
using Clock = std::chrono::steady_clock;

ExecutionPlan ReadPlan(const std::string& text) {
  std::stringstream stream(text);
  std::vector<std::string> parts;
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  parts.resize(5);
  return {parts[0], FromHex(parts[3]), FromHex(parts[4]), parts[1] == "1", parts[2] == "1"};
}

// Median microseconds of the calls of `seconds`.
double Median(PlanRunner& runner, const std::vector<TensorHandle>& sample, double seconds) {
  constexpr int kRuns = 10;
  const std::vector<TF_Tensor*> inputs = Pointers(sample);
  std::vector<double> micros;
  double total = 0;
  while (total < seconds * 1e6) {
    for (const double time : runner.Time(inputs, kRuns)) {
      micros.push_back(time);
      total += time;
    }
  }
  const auto middle = micros.begin() + static_cast<std::ptrdiff_t>(micros.size() / 2);
  std::nth_element(micros.begin(), middle, micros.end());
  return *middle;
}

void PrintList(const std::vector<double>& numbers) {
  const char* separator = "[";
  for (const double number : numbers) std::cout << std::exchange(separator, ",") << number;
  std::cout << "]";
}

void Run(const Arguments& arguments) {
  LoadLibrary(One(arguments, "library"));
  const ModelTensors tensors = ReadTensors(arguments);
  const ModelSource source = ReadSource(arguments);
  std::vector<ExecutionPlan> plans;
  for (const std::string& plan : arguments.at("plan")) plans.push_back(ReadPlan(plan));
  const auto started = Clock::now();
  const Calibration calibration =
      Calibrate(source, tensors,
                {plans, std::stoul(One(arguments, "fallback")), FromHex(One(arguments, "freezing")),
                 ReadShape(One(arguments, "calibrate")), std::stod(One(arguments, "threads-gain"))});
  const double load_seconds = std::chrono::duration<double>(Clock::now() - started).count();
  const ExecutionPlan& chosen = plans[calibration.chosen];
  const auto sample = MakeSample(tensors, true, std::stoll(One(arguments, "rows")), 1);
  PlanRunner ours(calibration.session ? calibration.session : LoadSession(source, tensors, chosen.config),
                  chosen.run_options);
  PlanRunner plain(LoadSession(source, tensors, plans.front().config), plans.front().run_options);
  const double seconds = std::stod(One(arguments, "seconds"));
  Median(plain, sample, seconds / 4);
  Median(ours, sample, seconds / 4);
  std::vector<double> plain_micros;
  std::vector<double> our_micros;
  for (int round = std::stoi(One(arguments, "rounds")); round > 0; --round) {
    plain_micros.push_back(Median(plain, sample, seconds));
    our_micros.push_back(Median(ours, sample, seconds));
  }
  std::cout << R"({"plan":")" << chosen.name << R"(","load_seconds":)" << load_seconds << R"(,"plain_us":)";
  PrintList(plain_micros);
  std::cout << R"(,"chosen_us":)";
  PrintList(our_micros);
  std::cout << "}" << std::endl;
}

}  // namespace

int main(int argc, char** argv) { return Main(argc, argv, Run); }
