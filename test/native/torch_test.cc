#include <torch/csrc/jit/api/module.h>

#include <cstring>
#include <vector>

#include "check.h"
#include "core/batch.h"
#include "fake_session.h"
#include "fixtures.h"
#include "torch/description.h"
#include "torch/instance.h"
#include "torch/module.h"
#include "torch/result.h"

namespace tandem::torchscript {
namespace {

using test::BytesOf;

std::filesystem::path Fixture(const std::string& model) {
  return test::Fixture("TANDEM_TEST_TORCH_FIXTURES", model, "model.pt");
}

TensorSpec Floats(const std::string& name, Shape shape) { return {name, DataType::kFloat32, std::move(shape), true}; }

ModelOptions OneToOne(Shape shape) { return {{{Floats("INPUT__0", shape), 0, ""}}, {{Floats("OUTPUT__0", shape), 0}}}; }

std::vector<OutputTensor> Run(Session& session, const ModelOptions& options, std::span<const std::byte> bytes,
                              Shape shape, const std::shared_ptr<Loan>& loan = std::make_shared<Loan>()) {
  std::vector<TensorSpec> specs;
  for (const InputBinding& input : options.inputs) specs.push_back(input.spec);
  Phases phases;
  std::vector<std::uint32_t> outputs(options.outputs.size());
  for (std::uint32_t i = 0; i < outputs.size(); ++i) outputs[i] = i;
  const auto inputs = Gather(test::MakeBatch(test::MakeRequest(1, 1, bytes, std::move(shape))), specs);
  return session.Run(inputs, outputs, phases, loan);
}

// As the file says it, for instances that share nothing.
std::unique_ptr<Session> MakePlain(LoadedModule& module, const ModelOptions& options) {
  return MakeInstance(module, module.ForInstance(Way::kPlain, Sharing::kWhereSafe), options, {});
}

float FloatAt(const OutputTensor& output, std::size_t index) {
  float value;
  std::memcpy(&value, output.data.get() + index * sizeof value, sizeof value);
  return value;
}

TEST("a module tells the arguments of its forward") {
  const LoadedModule module(Fixture("torch-add"), "cpu");
  CHECK(module.signature().arguments.size() == 2);
  CHECK(module.signature().arguments[0].type.text == "Tensor");
  CHECK(module.signature().result.text == "Tuple[Tensor, Tensor]");
  CHECK(module.signature().result.elements.size() == 2);
  CHECK(!module.writes_inputs());
}

TEST("a traced module tells what it was traced with, a scripted one its parameters only") {
  const ModuleDescription traced = Describe(Fixture("torch-traced"));
  CHECK(traced.traced_inputs.at(0)->type == DataType::kFloat32);
  CHECK(traced.traced_inputs.at(0)->shape == (Shape{2, 4}));
  const ModuleDescription scripted = Describe(Fixture("torch-conv"));
  CHECK(!scripted.traced_inputs.at(0));
  CHECK(scripted.parameters.at(0).shape == (Shape{8, 3, 3, 3}));
  CHECK(!scripted.training);
  CHECK(CODE_OF(Describe("/no/such/model.pt")) == Code::kNotFound);
  CHECK(CODE_OF(Describe(Fixture("torch-truncated"))) == Code::kInvalidArgument);
}

TEST("the leaves of a result are counted depth first, each with the keys on its way") {
  const at::Tensor tensor;
  c10::Dict<std::string, c10::List<at::Tensor>> pairs;
  pairs.insert("boxes", c10::List<at::Tensor>({tensor, tensor}));
  const c10::List<std::string> strings({"a", "b"});
  const c10::IValue nested =
      c10::ivalue::Tuple::create({c10::List<at::Tensor>({tensor, tensor}), strings, c10::IValue()});
  const auto leaves = LeavesOf(c10::ivalue::Tuple::create({nested, pairs}));
  CHECK(leaves.size() == 6);
  CHECK(IsStringList(leaves[2].value));
  CHECK(leaves[3].value.isNone() && leaves[3].keys.empty());
  CHECK(leaves[5].keys == std::vector<std::string>{"boxes"});
  CHECK(LeavesOf(c10::List<at::Tensor>()).empty());
}

TEST("an output of a result with dictionaries is found by key, by number under a key, by number in all") {
  c10::Dict<std::string, at::Tensor> dictionary;
  for (const char* key : {"a", "b", "c"}) dictionary.insert(key, at::Tensor());
  const auto leaves = LeavesOf(dictionary);
  const auto leaf = [&](const OutputBinding& output) { return &Select(leaves, output, "forward"); };
  CHECK(leaf({Floats("b", {1}), 0, "", {}}) == &leaves[1].value);
  CHECK(leaf({Floats("c__0", {1}), 0, "c", 0}) == &leaves[2].value);
  CHECK(leaf({Floats("any__1", {1}), 0, "any", 1}) == &leaves[1].value);
  const Failure failure = test::FailureOf([&] { leaf({Floats("d", {1}), 0, "", {}}); });
  CHECK(failure.code == Code::kInvalidArgument);
  CHECK(failure.message ==
        "output 'd' is no key of what the model returns; its keys: 'a', 'b', 'c' (the model is forward)");
}

TEST("an input handed through is copied, so the caller's memory is the caller's again") {
  LoadedModule module(Fixture("torch-passthrough"), "cpu");
  const ModelOptions options = OneToOne({-1, -1});
  const auto session = MakePlain(module, options);
  const auto memory = AllocateAligned(64);
  std::memset(memory.get(), 0, 64);
  const auto loan = std::make_shared<Loan>();
  const auto outputs = Run(*session, options, {memory.get(), 64}, {1, 16}, loan);
  CHECK(outputs[0].data.get() != memory.get());
  CHECK(outputs[0].byte_size == 64 && FloatAt(outputs[0], 15) == 0);
}

TEST("a module that writes to its input gets a copy of it") {
  LoadedModule module(Fixture("torch-in-place"), "cpu");
  CHECK(module.writes_inputs());
  const ModelOptions options = OneToOne({-1, -1});
  const auto session = MakePlain(module, options);
  const auto memory = AllocateAligned(64);
  std::memset(memory.get(), 0, 64);
  Run(*session, options, {memory.get(), 64}, {1, 16});
  float first;
  std::memcpy(&first, memory.get(), sizeof first);
  CHECK(first == 0);
}

TEST("instances of a module with state have their own") {
  LoadedModule module(Fixture("torch-counter"), "cpu");
  const ModelOptions options = OneToOne({1});
  const auto one = MakePlain(module, options);
  const auto two = MakePlain(module, options);
  const std::vector<float> x{1};
  const float first = FloatAt(Run(*one, options, BytesOf(x), {1})[0], 0);
  const float second = FloatAt(Run(*one, options, BytesOf(x), {1})[0], 0);
  CHECK(second != first);
  CHECK(FloatAt(Run(*two, options, BytesOf(x), {1})[0], 0) == first);
}

TEST("an exception in forward keeps libtorch's message without its C++ stack") {
  LoadedModule module(Fixture("torch-raises"), "cpu");
  const ModelOptions options = OneToOne({-1, 2});
  const auto session = MakePlain(module, options);
  const std::vector<float> x{-1, -1};
  const Failure failure = test::FailureOf([&] { Run(*session, options, BytesOf(x), {1, 2}); });
  CHECK(failure.code == Code::kInternal);
  CHECK(failure.message.starts_with("PyTorch execute failure: "));
}

TEST("a file that is not there or not TorchScript is refused") {
  CHECK(CODE_OF(LoadedModule("/no/such/model.pt", "cpu")) == Code::kNotFound);
  CHECK(CODE_OF(LoadedModule(Fixture("torch-pickled"), "cpu")) == Code::kInvalidArgument);
  CHECK(CODE_OF(LoadedModule(Fixture("torch-truncated"), "cpu")) == Code::kInvalidArgument);
}

}  // namespace
}  // namespace tandem::torchscript
