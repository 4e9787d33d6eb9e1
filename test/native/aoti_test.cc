#include <caffe2/serialize/inline_container.h>
#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>
#include <vector>

#include "check.h"
#include "core/batch.h"
#include "fake_session.h"
#include "fixtures.h"
#include "torch/aoti_instance.h"
#include "torch/aoti_package.h"
#include "torch/unloadable_library.h"
#include "torch/unpacked_package.h"

namespace tandem::aotinductor {
namespace {

using test::BytesOf;

std::filesystem::path Fixture(const std::string& model) {
  // As the torch addon is by its soname, a library of the name that packages want is in memory before them.
  static void* const library = dlopen(TANDEM_EMPTY_LIBTORCH, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw test::Failed(dlerror());
  return test::Fixture("TANDEM_TEST_TORCH_FIXTURES", model, "model.pt2");
}

TensorSpec Floats(const std::string& name, Shape shape) { return {name, DataType::kFloat32, std::move(shape), true}; }

// The network: [-1,32] to [-1,10].
ModelOptions Network() {
  return {.inputs = {{Floats("ARGS[0]", {-1, 32}), 0, true, {-1, 32}}},
          .outputs = {{Floats("RESULT", {-1, 10}), 0}},
          .writes_inputs = false,
          .settings = {},
          .threads = 1};
}

std::vector<OutputTensor> Run(Session& session, const ModelOptions& options, const Batch& batch,
                              const std::shared_ptr<Loan>& loan = std::make_shared<Loan>()) {
  std::vector<TensorSpec> specs;
  for (const InputBinding& input : options.inputs) specs.push_back(input.spec);
  Phases phases;
  const std::vector<std::uint32_t> outputs{0};
  return session.Run(Gather(batch, specs), outputs, phases, loan);
}

Batch Rows(std::span<const std::byte> bytes, std::int64_t rows) {
  return test::MakeBatch(test::MakeRequest(1, static_cast<std::uint32_t>(rows), bytes, {rows, 32}));
}

TEST("a package tells how it is called and what its inputs are") {
  const Package package(Fixture("torch-aoti-nested"), "cpu", 1);
  CHECK(package.arguments().find("option1") != std::string::npos);
  CHECK(package.results().find("BBB") != std::string::npos);
  const PackageContents contents = ReadPackage(Fixture("torch-aoti-nested"));
  CHECK(contents.models == "model");
  CHECK(contents.metadata.find("AOTI_DEVICE_KEY") != std::string::npos);
  CHECK(contents.source.find("inputs_info_[4].name") != std::string::npos);
}

TEST("after the first runs an aligned input is lent, and is back when the run ends") {
  const ModelOptions options = Network();
  const auto session = MakeInstance(std::make_shared<Package>(Fixture("torch-aoti-mlp"), "cpu", 1), options);
  const auto memory = AllocateAligned(2 * 32 * sizeof(float));
  std::memset(memory.get(), 0, 2 * 32 * sizeof(float));
  for (int run = 0; run < 5; ++run) {
    const auto loan = std::make_shared<Loan>();
    const auto outputs = Run(*session, options, Rows({memory.get(), 2 * 32 * sizeof(float)}, 2), loan);
    CHECK(outputs[0].shape == Shape({2, 10}));
    CHECK(loan->used() && !loan->outstanding());
  }
}

TEST("instances of one package run at the same time") {
  const ModelOptions options = Network();
  const auto package = std::make_shared<Package>(Fixture("torch-aoti-mlp"), "cpu", 2);
  const std::vector<float> x(3 * 32, 0.5F);
  const auto expected = Run(*MakeInstance(package, options), options, Rows(BytesOf(x), 3));
  std::atomic<int> wrong = 0;
  const auto many = [&] {
    const auto session = MakeInstance(package, options);
    session->EnterThread();
    for (int run = 0; run < 50; ++run) {
      const auto outputs = Run(*session, options, Rows(BytesOf(x), 3));
      if (std::memcmp(outputs[0].data.get(), expected[0].data.get(), expected[0].byte_size) != 0) ++wrong;
    }
  };
  std::thread one(many);
  std::thread two(many);
  one.join();
  two.join();
  CHECK(wrong == 0);
}

TEST("shapes that the package was not compiled for never reach its code") {
  ModelOptions options = Network();
  const auto package = std::make_shared<Package>(Fixture("torch-aoti-mlp"), "cpu", 1);
  options.inputs[0].spec.shape = {-1, -1};
  const auto session = MakeInstance(package, options);
  const std::vector<float> x(8);
  const auto narrow = test::MakeBatch(test::MakeRequest(1, 1, BytesOf(x), {1, 8}));
  const Failure failure = test::FailureOf([&] { Run(*session, options, narrow); });
  CHECK(failure.code == Code::kInvalidArgument);
  CHECK(failure.message == "dimension 1 of input 'ARGS[0]' is 8, the package takes 32");
  const auto flat = test::MakeBatch(test::MakeRequest(1, 8, BytesOf(x), {8}));
  options.inputs[0].spec.shape = {-1};
  CHECK(test::FailureOf([&] { Run(*session, options, flat); }).code == Code::kInvalidArgument);
}

TEST("a try-out gives the types and shapes of the results") {
  Package package(Fixture("torch-aoti-static"), "cpu", 1);
  const std::vector<InputBinding> inputs{{Floats("x", {4, 6}), 0, false, {}},
                                         {{"index", DataType::kInt64, {2}, true}, 1, false, {}}};
  const auto results = TryOut(package, inputs);
  CHECK(results.size() == 2);
  CHECK(results[0].type == DataType::kFloat32 && results[0].shape == Shape({2, 6}));
  CHECK(results[1].type == DataType::kFloat64 && results[1].shape == Shape({6}));
}

TEST("a package cannot write outside of its folder") {
  const auto folder = std::filesystem::temp_directory_path() / "tandem-test-escape";
  std::filesystem::create_directories(folder);
  const auto file = folder / "model.pt2";
  {
    caffe2::serialize::PyTorchStreamWriter writer(file.string());
    writer.writeRecord("../../escaped", "text", 4);
    writer.writeEndOfFile();
  }
  const Failure failure = test::FailureOf([&] { const UnpackedPackage unpacked(file); });
  CHECK(failure.code == Code::kInvalidArgument);
  std::filesystem::remove_all(folder);
}

TEST("what is no library is left as it is") {
  const auto file = std::filesystem::temp_directory_path() / "tandem-test-text.so";
  std::ofstream(file) << "text";
  MakeUnloadable(file);
  std::string content;
  std::ifstream(file) >> content;
  CHECK(content == "text");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace tandem::aotinductor
