#include <cstring>
#include <vector>

#include "check.h"
#include "fixtures.h"
#include "tensorflow/c_api.h"
#include "tensorflow/calibration.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/sample.h"
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

Calibration Choose(const ModelSource& source, const ModelTensors& tensors, std::vector<std::int64_t> rows) {
  const std::vector<ExecutionPlan> plans = Plans();
  return Calibrate(source, tensors, {plans, 1, Freezing(), std::move(rows), 1.1});
}

const PlanTiming& Timing(const Calibration& calibration, const std::string& plan) {
  for (const PlanTiming& timing : calibration.timings) {
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
  const auto sample = MakeSample(tensors, true, 3, 1);
  const TensorHandle expected = RunOnce(*LoadSession(source, tensors, ""), Pointers(sample));
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
  CHECK(Agree(RunOnce(*loaded, Pointers(sample)).get(), expected.get()));
  const auto other = MakeSample(tensors, true, 5, 1);  // the graph is not bound to the sample's batch size
  CHECK(Tf().TF_Dim(RunOnce(*loaded, Pointers(other)).get(), 0) == 5);
}

TEST("a SavedModel whose operations are pinned to a device answers as the original, and leaves nothing behind") {
  ModelSource source = SavedModel("tf-mlp");
  const ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, 32});
  const auto sample = MakeSample(tensors, true, 2, 1);
  const TensorHandle expected = RunOnce(*LoadSession(source, tensors, ""), Pointers(sample));
  const auto copies = [] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path())) {
      if (entry.path().filename().string().starts_with("tandem-placed-")) ++count;
    }
    return count;
  };
  const std::size_t before = copies();
  source.device = "/device:CPU:0";
  CHECK(Agree(RunOnce(*LoadSession(source, tensors, ""), Pointers(sample)).get(), expected.get()));
  source.device = "/device:NONE:0";  // there is no such device, and that is what TensorFlow says
  CHECK(CODE_OF(LoadSession(source, tensors, "")) == Code::kInvalidArgument);
  CHECK(copies() == before);
}

TEST("a model without variables cannot be frozen, and is told so") {
  const ModelSource source = SavedModel("tf-passthrough");
  ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, -1});
  tensors.outputs[0].tensor = "PartitionedCall:0";
  const Calibration calibration = Choose(source, tensors, {1});
  CHECK(Timing(calibration, "frozen").refused.find("no variables") != std::string::npos);
  CHECK(calibration.session != nullptr && calibration.frozen == nullptr);
}

TEST("every plan of a plain model is measured for every batch size, and the choice is no slower than the first") {
  const Calibration calibration = Choose(SavedModel("tf-tiny"), Tensors("x", DataType::kFloat32, {-1, 16}), {1, 8});
  CHECK(calibration.skipped.empty());
  CHECK((calibration.rows == std::vector<std::int64_t>{1, 8}));
  for (const PlanTiming& timing : calibration.timings) {
    CHECK(timing.refused.empty());
    CHECK(timing.micros.size() == 2);
  }
  CHECK(calibration.session != nullptr);
  CHECK((Plans()[calibration.chosen].frozen == (calibration.frozen != nullptr)));
}

TEST("of one plan nothing is measured, but it has been run when it is first asked") {
  const std::vector<ExecutionPlan> plans{Plans()[1]};
  const ModelTensors tensors = Tensors("x", DataType::kFloat32, {-1, 32});
  const Calibration calibration = Calibrate(SavedModel("tf-mlp"), tensors, {plans, 0, Freezing(), {1, 4}, 1.1});
  CHECK(calibration.chosen == 0 && calibration.timings.empty() && calibration.skipped.empty());
  CHECK(calibration.session != nullptr);
  CHECK(calibration.samples.size() == 2);
  WarmUp(LoadSession(SavedModel("tf-mlp"), tensors, ""), "", calibration.samples);
}

TEST("a model with an effect is not run, and the fallback is taken") {
  const Calibration calibration = Choose(SavedModel("tf-counter"), Tensors("x", DataType::kInt32, {1}), {});
  CHECK(calibration.chosen == 1);
  CHECK(calibration.samples.empty());
  CHECK(calibration.skipped.find("AssignAddVariableOp") != std::string::npos);
  // It has the total that it was saved with.
  const std::int32_t five = 5;
  const Shape shape{1};
  TensorHandle input(Tf().TF_AllocateTensor(3, shape.data(), 1, sizeof five));
  std::memcpy(Tf().TF_TensorData(input.get()), &five, sizeof five);
  TF_Tensor* inputs[] = {input.get()};
  std::int32_t total;
  std::memcpy(&total, Tf().TF_TensorData(RunOnce(*calibration.session, inputs).get()), sizeof total);
  CHECK(total == 5);
}

TEST("a model that fails with any made-up input is left to the fallback") {
  // Its variables have no values.
  const Calibration calibration =
      Choose(SavedModel("tf-no-variables"), Tensors("x", DataType::kFloat32, {-1, 16}), {1});
  CHECK(calibration.chosen == 1);
  CHECK(calibration.skipped.find("refused") != std::string::npos);
}

TEST("the single-threaded executor refuses control flow of TensorFlow 1, and another plan is chosen") {
  ModelSource source = SavedModel("tf-graphdef-switch");
  source.path = test::Fixture("TANDEM_TEST_TENSORFLOW_FIXTURES", "tf-graphdef-switch", "model.graphdef");
  source.is_graph_def = true;
  ModelTensors tensors;
  tensors.inputs.push_back({{"x", DataType::kFloat32, {2}, true}, "x"});
  tensors.outputs.push_back({{"y", DataType::kFloat32, {2}, true}, "y"});
  const Calibration calibration = Choose(source, tensors, {});
  CHECK(calibration.chosen <= 1);
  CHECK(!Timing(calibration, "single-threaded").refused.empty());
  CHECK(Timing(calibration, "caller-thread").refused.empty());
}

TEST("samples are the same each time, between 0 and 1, and results agree within rounding only") {
  static_cast<void>(SavedModel("tf-tiny"));
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64, DataType::kFloat16, DataType::kBFloat16,
                              DataType::kInt64, DataType::kBool, DataType::kBytes}) {
    const ModelTensors tensors = Tensors("x", type, {-1, 4, -1});
    const auto first = MakeSample(tensors, true, 2, 3);
    const auto second = MakeSample(tensors, true, 2, 3);
    CHECK(Tf().TF_Dim(first[0].get(), 0) == 2 && Tf().TF_Dim(first[0].get(), 2) == 3);
    CHECK(Agree(first[0].get(), second[0].get()));
    CHECK(!Agree(first[0].get(), MakeSample(tensors, true, 3, 3)[0].get()));
  }
  const ModelTensors tensors = Tensors("x", DataType::kFloat32, {4});
  const auto left = MakeSample(tensors, false, 1, 1);
  const auto right = MakeSample(tensors, false, 1, 1);
  auto* values = static_cast<float*>(Tf().TF_TensorData(left[0].get()));
  CHECK(values[0] >= 0 && values[0] <= 1);
  values[0] += 5e-6F;
  CHECK(Agree(left[0].get(), right[0].get()));
  values[0] += 1e-2F;
  CHECK(!Agree(left[0].get(), right[0].get()));
  ModelTensors unknown = tensors;
  unknown.inputs[0].spec.known_rank = false;
  CHECK(CODE_OF(MakeSample(unknown, false, 1, 1)) == Code::kUnimplemented);
}

}  // namespace
}  // namespace tandem::tensorflow
