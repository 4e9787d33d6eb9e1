#include <cstring>
#include <vector>

#include "check.h"
#include "fixtures.h"
#include "tensorflow/c_api.h"
#include "tensorflow/calibration.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/tensors.h"
#include "tensorflow/wire.h"

namespace tandem::tensorflow {
namespace {

ModelSource SavedModel(const std::string& model) {
  LoadLibrary(test::Environment("TANDEM_TENSORFLOW_LIBRARY"));
  ModelSource source;
  source.path = test::Fixture("TANDEM_TEST_TENSORFLOW_FIXTURES", model, "model.savedmodel");
  source.tags = {"serve"};
  return source;
}

ModelTensors Tensors(const std::string& input, DataType type, Shape shape) {
  ModelTensors tensors;
  tensors.inputs.push_back({{input, type, std::move(shape), true}, "serving_default_" + input + ":0"});
  tensors.outputs.push_back({{"output", type, {}, false}, "StatefulPartitionedCall:0"});
  return tensors;
}

// ConfigProto messages: grappler's function optimizer alone; the single-threaded executor.
std::string Freezing() {
  std::string rewriter;
  PutBytes(rewriter, 100, "function");
  std::string graph_options;
  PutBytes(graph_options, 10, rewriter);
  std::string config;
  PutBytes(config, 10, graph_options);
  return config;
}

std::string SingleThreaded() {
  std::string experimental;
  PutBytes(experimental, 3, "SINGLE_THREADED_EXECUTOR");
  std::string config;
  PutBytes(config, 16, experimental);
  return config;
}

std::string CallersThread() {
  std::string options;
  PutNumber(options, 3, static_cast<std::uint64_t>(-1));
  return options;
}

std::vector<ExecutionPlan> Plans() {
  return {{"plain", "", "", false, true},
          {"caller-thread", "", CallersThread(), false, true},
          {"single-threaded", SingleThreaded(), CallersThread(), false, false},
          {"frozen", SingleThreaded(), CallersThread(), true, false}};
}

ChosenPlan Choose(const ModelSource& source, const ModelTensors& tensors, std::vector<std::int64_t> rows) {
  const std::vector<ExecutionPlan> plans = Plans();
  return ChoosePlan(source, tensors, {plans, 1, Freezing(), std::move(rows), 1.1, {}});
}

// Inputs of so many rows.
std::vector<TensorHandle> Inputs(const ModelTensors& tensors, std::int64_t rows) {
  std::vector<TensorSpec> specs;
  for (const Binding& input : tensors.inputs) specs.push_back(input.spec);
  return ToTensorFlowTensors(MakeSample(specs, {}, true, rows, 1));
}

bool Same(TensorHandle actual, TensorHandle expected) {
  return Agree(FromTensorFlowTensor(std::move(actual)), FromTensorFlowTensor(std::move(expected)));
}

const PlanTiming& Timing(const ChosenPlan& chosen, const std::string& plan) {
  for (const PlanTiming& timing : chosen.calibration.timings) {
    if (timing.plan == plan) return timing;
  }
  throw test::Failed("plan " + plan + " is not told of");
}

TensorHandle RunOnce(const LoadedSession& loaded, std::span<TF_Tensor* const> sample) {
  TF_Tensor* fetched = nullptr;
  const StatusHandle status(Tf().TF_NewStatus());
  Tf().TF_SessionRun(loaded.session.get(), nullptr, loaded.inputs.data(), sample.data(), 1, loaded.outputs.data(),
                     &fetched, 1, nullptr, 0, nullptr, status.get());
  TensorHandle result(fetched);
  Check(status.get(), "");
  return result;
}

TEST("a frozen graph has no variables, needs no other session, and gives the same") {
  const ModelSource source = SavedModel("tf-mlp");
  const ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, 32});
  const auto sample = Inputs(tensors, 3);
  TensorHandle expected = RunOnce(*LoadSession(source, tensors, ""), Pointers(sample));
  FrozenGraph frozen;
  {
    const auto original = LoadSession(source, tensors, Freezing());
    frozen = Freeze(*original, tensors, Pointers(sample));
  }
  std::size_t constants = 0;
  for (const Node& node : ReadGraphDef(frozen.graph_def).nodes) {
    CHECK(node.op != "VarHandleOp" && node.op != "ReadVariableOp" && node.op != "StatefulPartitionedCall");
    if (node.op == "Const") ++constants;
  }
  CHECK(constants >= 2);
  const auto loaded = LoadSessionFromGraph(frozen.graph_def, frozen.tensors, SingleThreaded());
  CHECK(Same(RunOnce(*loaded, Pointers(sample)), std::move(expected)));
  const auto other = Inputs(tensors, 5);  // the graph is not bound to the sample's batch size
  CHECK(Tf().TF_Dim(RunOnce(*loaded, Pointers(other)).get(), 0) == 5);
}

TEST("a SavedModel whose operations are pinned to a device answers as the original, and leaves nothing behind") {
  ModelSource source = SavedModel("tf-mlp");
  const ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, 32});
  const auto sample = Inputs(tensors, 2);
  TensorHandle expected = RunOnce(*LoadSession(source, tensors, ""), Pointers(sample));
  const auto copies = [] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
      if (entry.path().filename().string().starts_with("tandem-placed-")) ++count;
    }
    return count;
  };
  const std::size_t before = copies();
  source.device = "/device:CPU:0";
  CHECK(Same(RunOnce(*LoadSession(source, tensors, ""), Pointers(sample)), std::move(expected)));
  source.device = "/device:NONE:0";  // there is no such device, and that is what TensorFlow says
  CHECK(CODE_OF(LoadSession(source, tensors, "")) == Code::kInvalidArgument);
  CHECK(copies() == before);
}

TEST("a model without variables cannot be frozen, and is told so") {
  const ModelSource source = SavedModel("tf-passthrough");
  ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, -1});
  tensors.outputs[0].tensor = "PartitionedCall:0";
  const ChosenPlan chosen = Choose(source, tensors, {1});
  CHECK(Timing(chosen, "frozen").refused.find("no variables") != std::string::npos);
  CHECK(chosen.session != nullptr && chosen.frozen == nullptr);
}

TEST("every plan of a plain model is measured for every batch size, and the choice is no slower than the first") {
  const ChosenPlan chosen = Choose(SavedModel("tf-tiny"), Tensors("x", DataType::kFloat32, {-1, 16}), {1, 8});
  CHECK(chosen.calibration.skipped.empty());
  CHECK((chosen.calibration.rows == std::vector<std::int64_t>{1, 8}));
  for (const PlanTiming& timing : chosen.calibration.timings) {
    CHECK(timing.refused.empty());
    CHECK(timing.micros.size() == 2);
  }
  CHECK(chosen.session != nullptr);
  CHECK((Plans()[chosen.calibration.chosen].frozen == (chosen.frozen != nullptr)));
}

TEST("of one plan nothing is measured, but it has been run when it is first asked") {
  const std::vector<ExecutionPlan> plans{Plans()[1]};
  const ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, 32});
  const ChosenPlan chosen = ChoosePlan(SavedModel("tf-mlp"), tensors, {plans, 0, Freezing(), {1, 4}, 1.1, {}});
  CHECK(chosen.calibration.chosen == 0 && chosen.calibration.timings.empty() && chosen.calibration.skipped.empty());
  CHECK(chosen.session != nullptr);
  CHECK(chosen.calibration.samples.size() == 2);
  WarmUp(LoadSession(SavedModel("tf-mlp"), tensors, ""), "", chosen.calibration.samples);
}

TEST("a model with an effect is not run, and the fallback is taken") {
  const ChosenPlan chosen = Choose(SavedModel("tf-counter"), Tensors("x", DataType::kInt32, {1}), {});
  CHECK(chosen.calibration.chosen == 1);
  CHECK(chosen.calibration.samples.empty());
  CHECK(chosen.calibration.skipped.find("AssignAddVariableOp") != std::string::npos);
  // It has the total that it was saved with.
  const std::int32_t five = 5;
  const Shape shape{1};
  TensorHandle input(Tf().TF_AllocateTensor(3, shape.data(), 1, sizeof five));
  std::memcpy(Tf().TF_TensorData(input.get()), &five, sizeof five);
  TF_Tensor* inputs[] = {input.get()};
  std::int32_t total;
  std::memcpy(&total, Tf().TF_TensorData(RunOnce(*chosen.session, inputs).get()), sizeof total);
  CHECK(total == 5);
}

TEST("a model that fails with any made-up input is left to the fallback") {
  // Its variables have no values.
  const ChosenPlan chosen = Choose(SavedModel("tf-no-variables"), Tensors("x", DataType::kFloat32, {-1, 16}), {1});
  CHECK(chosen.calibration.chosen == 1);
  CHECK(chosen.calibration.skipped.find("refused") != std::string::npos);
}

TEST("the single-threaded executor refuses control flow of TensorFlow 1, and another plan is chosen") {
  ModelSource source = SavedModel("tf-graphdef-switch");
  source.path = test::Fixture("TANDEM_TEST_TENSORFLOW_FIXTURES", "tf-graphdef-switch", "model.graphdef");
  source.is_graph_def = true;
  ModelTensors tensors;
  tensors.inputs.push_back({{"x", DataType::kFloat32, {2}, true}, "x"});
  tensors.outputs.push_back({{"y", DataType::kFloat32, {2}, true}, "y"});
  const ChosenPlan chosen = Choose(source, tensors, {});
  CHECK(chosen.calibration.chosen <= 1);
  CHECK(!Timing(chosen, "single-threaded").refused.empty());
  CHECK(Timing(chosen, "caller-thread").refused.empty());
}

}  // namespace
}  // namespace tandem::tensorflow
