#include <cstring>
#include <vector>

#include "check.h"
#include "core/batch.h"
#include "core/bytes_elements.h"
#include "fake_session.h"
#include "fixtures.h"
#include "tensorflow/c_api.h"
#include "tensorflow/instance.h"
#include "tensorflow/loaded_session.h"
#include "tensorflow/tensors.h"

namespace tandem::tensorflow {
namespace {

using test::BytesOf;

std::filesystem::path Fixture(const std::string& model, const std::string& file) {
  LoadLibrary(test::Environment("TANDEM_TENSORFLOW_LIBRARY"));
  return test::Fixture("TANDEM_TEST_TENSORFLOW_FIXTURES", model, file);
}

ModelSource GraphDefSource(const std::string& model, const std::string& file = "model.graphdef") {
  ModelSource source;
  source.path = Fixture(model, file);
  source.is_graph_def = true;
  return source;
}

TensorSpec Floats(const std::string& name, Shape shape) { return {name, DataType::kFloat32, std::move(shape), true}; }

ModelTensors AddTensors() {
  ModelTensors tensors;
  for (const char* name : {"INPUT0", "INPUT1"}) tensors.inputs.push_back({Floats(name, {-1, 16}), name});
  for (const char* name : {"OUTPUT0", "OUTPUT1"}) tensors.outputs.push_back({Floats(name, {-1, 16}), name});
  return tensors;
}

std::unique_ptr<Session> MakeAdd() {
  return MakeInstance(LoadSession(GraphDefSource("tf-graphdef-add"), AddTensors(), ""), "");
}

std::vector<OutputTensor> Run(Session& session, const std::vector<TensorSpec>& specs, Request request,
                              const std::vector<std::uint32_t>& outputs, const std::shared_ptr<Loan>& loan) {
  Phases phases;
  const auto inputs = Gather(test::MakeBatch(std::move(request)), specs);
  return session.Run(inputs, outputs, phases, loan);
}

TEST("a graph gives the sums and differences that it should, for unaligned input too") {
  const auto session = MakeAdd();
  const auto loan = std::make_shared<Loan>();
  const std::vector<TensorSpec> specs{Floats("INPUT0", {-1, 16}), Floats("INPUT1", {-1, 16})};
  std::vector<float> a(33);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i);
  Request request;
  request.rows = 1;
  request.inputs = {{true, BytesOf(a).first(64), {}}, {true, BytesOf(a).subspan(4, 64), {}}};
  const auto outputs = Run(*session, specs, std::move(request), {0, 1}, loan);
  CHECK((outputs[0].shape == Shape{1, 16}));
  float sum;
  float difference;
  std::memcpy(&sum, outputs[0].data.get() + 8, sizeof sum);
  std::memcpy(&difference, outputs[1].data.get() + 8, sizeof difference);
  CHECK(sum == 5 && difference == -1);
  CHECK(!loan->outstanding());
}

TEST("an output outlives its session") {
  std::vector<OutputTensor> outputs;
  const std::vector<float> ones(32, 1.0F);
  {
    const auto session = MakeAdd();
    Request request;
    request.rows = 2;
    request.inputs = {{true, BytesOf(ones), {}}, {true, BytesOf(ones), {}}};
    outputs = Run(*session, {Floats("INPUT0", {-1, 16}), Floats("INPUT1", {-1, 16})}, std::move(request), {0},
                  std::make_shared<Loan>());
  }
  float last;
  std::memcpy(&last, outputs[0].data.get() + outputs[0].byte_size - 4, sizeof last);
  CHECK(last == 2);
}

TEST("a constant of the graph is copied: two runs give different memory with the same content") {
  ModelTensors tensors;
  tensors.inputs.push_back({Floats("x", {2}), "x"});
  tensors.outputs.push_back({{"constant", DataType::kInt64, {3}, true}, "constant"});
  const auto session = MakeInstance(LoadSession(GraphDefSource("tf-graphdef-const"), tensors, ""), "");
  const std::vector<float> x{1, 2};
  const auto run = [&] {
    Request request;
    request.inputs = {{true, BytesOf(x), {}}};
    return Run(*session, {Floats("x", {2})}, std::move(request), {0}, std::make_shared<Loan>());
  };
  const auto first = run();
  const auto second = run();
  CHECK(first[0].data != second[0].data);
  CHECK(std::memcmp(first[0].data.get(), second[0].data.get(), first[0].byte_size) == 0);
}

TEST("one aligned piece becomes a tensor without a copy; an unaligned one is copied") {
  static_cast<void>(Fixture("tf-graphdef-add", ""));  // loads TensorFlow
  const auto memory = AllocateAligned(256);
  const auto loan = std::make_shared<Loan>();
  const auto gathered = [&](std::size_t offset) {
    const std::span<const std::byte> bytes(memory.get() + offset, 64);
    return Gather(test::MakeBatch(test::MakeRequest(1, 1, bytes)), std::vector{Floats("x", {-1, 16})});
  };
  {
    const TensorHandle borrowed = ToTensorFlowTensor(gathered(64)[0], Lending::Mode::kBorrow, loan);
    CHECK(Tf().TF_TensorData(borrowed.get()) == memory.get() + 64);
    CHECK(loan->outstanding());
    const TensorHandle copied = ToTensorFlowTensor(gathered(4)[0], Lending::Mode::kBorrow, loan);
    CHECK(Tf().TF_TensorData(copied.get()) != memory.get() + 4);
  }
  CHECK(!loan->outstanding());
}

TEST("an output is the engine's own memory") {
  static_cast<void>(Fixture("tf-graphdef-add", ""));
  const Shape shape{4};
  TensorHandle tensor(Tf().TF_AllocateTensor(1, shape.data(), 1, 16));
  const void* memory = Tf().TF_TensorData(tensor.get());
  CHECK(FromTensorFlowTensor(std::move(tensor)).data.get() == memory);
}

TEST("strings go through a tensor unchanged, long and empty ones, and are cut by rows") {
  static_cast<void>(Fixture("tf-graphdef-add", ""));
  const std::vector<std::string> strings{"", std::string(1000, 'x'), std::string("a\0b", 3), "short"};
  std::vector<std::byte> encoded(2048);
  std::byte* end = encoded.data();
  for (const std::string& string : strings) end = WriteBytesElement(end, string);
  encoded.resize(static_cast<std::size_t>(end - encoded.data()));
  const std::vector<TensorSpec> specs{{"text", DataType::kBytes, {-1, 2}, true}};
  const auto gathered = Gather(test::MakeBatch(test::MakeRequest(1, 2, encoded)), specs);
  const auto output =
      FromTensorFlowTensor(ToTensorFlowTensor(gathered[0], Lending::Mode::kBorrow, std::make_shared<Loan>()));
  CHECK((output.shape == Shape{2, 2}));
  CHECK(output.byte_size == encoded.size());
  CHECK(std::memcmp(output.data.get(), encoded.data(), encoded.size()) == 0);
  CHECK((output.row_ends == std::vector<std::size_t>{4 + 4 + 1000, encoded.size()}));
}

TEST("an error inside an op is an internal one with TensorFlow's message") {
  const auto session = MakeAdd();
  const std::vector<float> values(20);
  Request request;
  request.rows = 1;
  request.inputs = {{true, BytesOf(values).first(16), {1, 4}}, {true, BytesOf(values).first(20), {1, 5}}};
  const Failure failure = test::FailureOf([&] {
    Run(*session, {Floats("INPUT0", {-1, -1}), Floats("INPUT1", {-1, -1})}, std::move(request), {0},
        std::make_shared<Loan>());
  });
  CHECK(failure.code == Code::kInternal);
  CHECK(failure.message.find("Incompatible shapes") != std::string::npos);
}

TEST("what is not there, or is of another type, is refused at load") {
  const auto load = [](const ModelSource& source, const ModelTensors& tensors) {
    return CODE_OF(LoadSession(source, tensors, ""));
  };
  const ModelSource add = GraphDefSource("tf-graphdef-add");
  CHECK(load(GraphDefSource("tf-graphdef-add", "no.graphdef"), AddTensors()) == Code::kNotFound);
  CHECK(load(GraphDefSource("tf-graphdef-truncated"), AddTensors()) == Code::kInvalidArgument);
  ModelSource nowhere;
  nowhere.path = "/no/such/model";
  nowhere.tags = {"serve"};
  CHECK(load(nowhere, AddTensors()) == Code::kNotFound);
  CHECK(load(add, AddTensors()) == Code::kOk);
  ModelTensors tensors = AddTensors();
  tensors.inputs[0].tensor = "missing";
  CHECK(load(add, tensors) == Code::kInvalidArgument);
  tensors = AddTensors();
  tensors.inputs[0].tensor = "INPUT0:1";
  CHECK(load(add, tensors) == Code::kInvalidArgument);
  tensors = AddTensors();
  tensors.inputs[0].spec.type = DataType::kInt32;
  CHECK(load(add, tensors) == Code::kInvalidArgument);
}

TEST("init operations run in each new session, and one that is not there is named") {
  ModelSource source = GraphDefSource("tf-graphdef-init");
  ModelTensors tensors;
  tensors.inputs.push_back({Floats("x", {2}), "x"});
  tensors.outputs.push_back({Floats("y", {2}), "y"});
  const std::vector<float> x{1, 2};
  const auto run = [&](Session& session) {
    Request request;
    request.inputs = {{true, BytesOf(x), {}}};
    return Run(session, {Floats("x", {2})}, std::move(request), {0}, std::make_shared<Loan>());
  };
  const auto without = MakeInstance(LoadSession(source, tensors, ""), "");
  CHECK(CODE_OF(run(*without)) == Code::kInternal);
  source.init_operations = {"init"};
  const auto with = MakeInstance(LoadSession(source, tensors, ""), "");
  float sum;
  std::memcpy(&sum, run(*with)[0].data.get(), sizeof sum);
  CHECK(sum == 11);
  source.init_operations = {"init", "no_such_operation"};
  const Failure failure = test::FailureOf([&] { LoadSession(source, tensors, ""); });
  CHECK(failure.code == Code::kInvalidArgument);
  CHECK(failure.message.find("'no_such_operation'") != std::string::npos);
}

}  // namespace
}  // namespace tandem::tensorflow
