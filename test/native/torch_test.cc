#include <torch/csrc/jit/api/module.h>

#include <cstring>
#include <vector>

#include "check.h"
#include "core/batch.h"
#include "fake_session.h"
#include "fixtures.h"
#include "torch/instance.h"
#include "torch/module.h"

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
  CHECK(module.arguments().size() == 2);
  CHECK(module.arguments()[0].type == "Tensor");
  CHECK(!module.writes_inputs());
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
