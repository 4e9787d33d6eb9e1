#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/library.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <vector>

#include "check.h"
#include "fake_session.h"
#include "torch/execution_guards.h"
#include "torch/instance.h"
#include "torch/module.h"
#include "torch/plans.h"
#include "torch/process_settings.h"

// How modules run: settings, plans, warm-up, sharing. The modules are written here, for they call operations of this
// program that tell what holds while they run.

namespace tandem::torchscript {
namespace {

std::atomic<int> runs{0};

// By position: inference mode, gradients, optimised execution, cuDNN, threads for an operation.
at::Tensor SeenBy(const at::Tensor& x) {
  ++runs;
  return at::tensor({static_cast<float>(x.is_inference()), static_cast<float>(at::GradMode::is_enabled()),
                     static_cast<float>(torch::jit::getGraphExecutorOptimize()),
                     static_cast<float>(at::globalContext().userEnabledCuDNN()),
                     static_cast<float>(at::get_num_threads())});
}

TORCH_LIBRARY(tandem_test, library) { library.def("seen(Tensor x) -> Tensor", &SeenBy); }

struct Resolver final : torch::jit::NativeResolver {
  std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string& name, torch::jit::GraphFunction& function,
                                                         const torch::jit::SourceRange& place) override {
    if (name != "seen") return NativeResolver::resolveValue(name, function, place);
    return std::make_shared<torch::jit::BuiltinFunction>(c10::Symbol::fromQualString("tandem_test::seen"),
                                                         std::nullopt);
  }
};

// A file with a module whose only code is `source`, deleted at the end.
class File {
 public:
  explicit File(const std::string& source, bool training = false)
      : path_(std::filesystem::temp_directory_path() / NewName()) {
    torch::jit::Module module("m");
    module.register_buffer("total", at::zeros({1}));
    module.register_parameter("weight", at::full({4}, 2.0), /*is_buffer=*/false);
    module.register_parameter("square", at::ones({64, 64}), /*is_buffer=*/false);
    module.register_attribute("training", c10::BoolType::get(), training);
    module.define(source + "\n", std::make_shared<Resolver>());
    module.save(path_.string());
  }
  ~File() { std::filesystem::remove(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  static std::string NewName() {
    static int count = 0;
    return "tandem-module-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + ".pt";
  }

  const std::filesystem::path path_;
};

constexpr const char* kSeen = "def forward(self, x):\n  return seen(x)";
constexpr const char* kScale = "def forward(self, x):\n  return x * self.weight";
constexpr const char* kCount = "def forward(self, x):\n  self.total.add_(1)\n  return x + self.total";

ModelOptions Model(Shape shape = {-1, 4}) {
  ModelOptions model;
  model.inputs = {{{"x", DataType::kFloat32, std::move(shape), true}, 0, ""}};
  model.outputs = {{{"y", DataType::kFloat32, {}, false}, 0}};
  return model;
}

std::vector<float> Run(Session& session, const std::vector<float>& x, Shape shape) {
  Phases phases;
  const std::vector<TensorSpec> specs{Model().inputs.front().spec};
  const auto inputs = Gather(test::MakeBatch(test::MakeRequest(1, 1, test::BytesOf(x), std::move(shape))), specs);
  const std::uint32_t outputs[] = {0};
  const auto result = session.Run(inputs, outputs, phases, std::make_shared<Loan>());
  std::vector<float> values(result.front().byte_size / sizeof(float));
  std::memcpy(values.data(), result.front().data.get(), result.front().byte_size);
  return values;
}

std::vector<float> Run(Session& session) { return Run(session, {1, 2, 3, 4}, {1, 4}); }

// What a run by these settings sees of them.
std::vector<float> Seen(const ExecutionSettings& execution, int threads) {
  const File file(kSeen);
  LoadedModule module(file.path(), "cpu");
  ModelOptions model = Model();
  model.execution = execution;
  const auto session =
      MakeInstance(module, module.ForInstance(Way::kPlain, Sharing::kWhereSafe), model, {threads, nullptr, nullptr});
  std::vector<float> seen;
  std::thread([&] {
    session->EnterThread();
    seen = Run(*session);
  }).join();
  return seen;
}

TEST("a run is in inference mode, optimised, and may use cuDNN, unless it is told otherwise") {
  CHECK((Seen({}, 3) == std::vector<float>{1, 0, 1, 1, 3}));
  ExecutionSettings settings;
  settings.inference_mode = false;
  CHECK((Seen(settings, 3) == std::vector<float>{0, 0, 1, 1, 3}));
  settings = {};
  settings.optimized_execution = false;
  CHECK((Seen(settings, 3) == std::vector<float>{1, 0, 0, 1, 3}));
  settings = {};
  settings.cudnn = false;
  CHECK((Seen(settings, 3) == std::vector<float>{1, 0, 1, 0, 3}));
  CHECK(at::globalContext().userEnabledCuDNN());
  settings = {};
  settings.cache_cleaning = true;  // there is nothing to clean on a CPU
  CHECK((Seen(settings, 3) == std::vector<float>{1, 0, 1, 1, 3}));
}

TEST("each instance has its own number of threads, and those that leave it to libtorch have its default") {
  const auto by_default = static_cast<int>(Seen({}, 0)[4]);
  CHECK(Seen({}, 5)[4] == 5);
  CHECK(Seen({}, 1)[4] == 1);
  CHECK(Seen({}, 0)[4] == static_cast<float>(by_default));
  CHECK(by_default == static_cast<int>(std::thread::hardware_concurrency()) || std::getenv("OMP_NUM_THREADS"));
}

TEST("cuDNN comes back when the last that does without it has ended") {
  auto first = std::make_unique<WithoutCudnn>();
  auto second = std::make_unique<WithoutCudnn>();
  first = nullptr;
  CHECK(!at::globalContext().userEnabledCuDNN());
  second = nullptr;
  CHECK(at::globalContext().userEnabledCuDNN());
}

TEST("what libtorch has once in a process is what the first says") {
  const ProcessSettings before = Settle({});
  CHECK(before.jit_executor == true && before.jit_profiling == true);
  ProcessSettings wanted;
  wanted.tensor_fuser = !*before.tensor_fuser;
  CHECK(Settle(wanted).tensor_fuser == wanted.tensor_fuser);
  CHECK(torch::jit::tensorExprFuserEnabled() == *wanted.tensor_fuser);
  const std::optional<bool> first = wanted.tensor_fuser;
  wanted.tensor_fuser = !*first;
  CHECK(Settle(wanted).tensor_fuser == first);
  wanted = {};
  wanted.inter_op_threads = 3;
  CHECK(Settle(wanted).inter_op_threads == 3);
  wanted.inter_op_threads = 4;
  CHECK(Settle(wanted).inter_op_threads == 3);
}

TEST("a module in which nothing changes may be run beforehand, whatever it draws on") {
  for (const char* source : {kScale, "def forward(self, x):\n  assert x.shape[0] > 0\n  return x + self.weight",
                             "def forward(self, x):\n  y = x.clone()\n  y.add_(1)\n  return y",
                             "def forward(self, x):\n  return torch.dropout(x, 0.5, False)"}) {
    const File file(source);
    const LoadedModule module(file.path(), "cpu");
    CHECK(module.freezable());
    CHECK(module.effect() == "");
  }
}

TEST("a module that could leave something behind says what") {
  const auto effect = [](const std::string& source) {
    const File file(source);
    return LoadedModule(file.path(), "cpu").effect();
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  CHECK(has(effect(kCount), "'total' may change"));
  CHECK(has(effect("def forward(self, x):\n  return x.mul_(2)"), "writes to its inputs"));
  for (const char* random : {"torch.rand_like(x)", "torch.bernoulli(x)", "x.clone().uniform_()", "x.clone().normal_()",
                             "torch.dropout(x, 0.5, True)", "x + torch.randn([4])", "torch.multinomial(x, 1)"}) {
    CHECK(has(effect(std::string("def forward(self, x):\n  return ") + random), "may leave something behind"));
  }
  CHECK(has(effect("def forward(self, x):\n  if bool(x.sum() > 0):\n    print(x)\n  return x"), "prim::Print"));
  CHECK(has(effect(kSeen), "tandem_test::seen") || effect(kSeen).empty());
  const File training(kScale, true);
  const LoadedModule module(training.path(), "cpu");
  CHECK(!module.freezable());
  CHECK(module.effect() == "the module is in training mode");
}

TEST("every way of a module answers the same") {
  const File file(kScale);
  LoadedModule module(file.path(), "cpu");
  for (const Way way : {Way::kPlain, Way::kFrozen, Way::kOptimized}) {
    const auto session = MakeInstance(module, module.ForInstance(way, Sharing::kWhereSafe), Model(), {});
    for (int run = 0; run < 4; ++run) CHECK((Run(*session) == std::vector<float>{2, 4, 6, 8}));
  }
}

const void* WeightsOf(const torch::jit::Module& module) { return module.attr("weight").toTensor().const_data_ptr(); }

TEST("instances share the weights where nothing changes, always, or never, as they are told") {
  const File constant(kScale);
  const File counting(kCount);
  const auto shares = [](const File& file, Sharing sharing) {
    LoadedModule module(file.path(), "cpu");
    const auto first = module.ForInstance(Way::kPlain, sharing);
    return WeightsOf(first) == WeightsOf(module.ForInstance(Way::kPlain, sharing));
  };
  CHECK(shares(constant, Sharing::kWhereSafe) && shares(constant, Sharing::kAlways));
  CHECK(!shares(constant, Sharing::kNever));
  CHECK(!shares(counting, Sharing::kWhereSafe) && !shares(counting, Sharing::kNever));
  CHECK(shares(counting, Sharing::kAlways));
}

TEST("instances of a module that is not shared have a state of their own, in every way it can run") {
  for (const Way way : {Way::kPlain, Way::kFrozen}) {
    for (const Sharing sharing : {Sharing::kWhereSafe, Sharing::kAlways, Sharing::kNever}) {
      const File file(kCount);
      LoadedModule module(file.path(), "cpu");
      const auto make = [&] {
        return MakeInstance(module, module.ForInstance(way, sharing), Model(), {0, nullptr, module.Turns(sharing)});
      };
      const auto one = make();
      const auto two = make();
      CHECK(Run(*one)[0] == 2);
      CHECK(Run(*one)[0] == 3);
      CHECK(Run(*two)[0] == (sharing == Sharing::kAlways ? 4 : 2));
    }
  }
}

TEST("instances that share a state take turns, so that no change is lost") {
  const File file(kCount);
  LoadedModule module(file.path(), "cpu");
  constexpr int kThreads = 4;
  constexpr int kRuns = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    std::shared_ptr<Session> session = MakeInstance(module, module.ForInstance(Way::kPlain, Sharing::kAlways), Model(),
                                                    {1, nullptr, module.Turns(Sharing::kAlways)});
    threads.emplace_back([session] {
      session->EnterThread();
      for (int run = 0; run < kRuns; ++run) Run(*session);
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(module.Shared(Way::kPlain).attr("total").toTensor().item<float>() == kThreads * kRuns);
}

TEST("it is known how much the weights of a way take: a fully connected layer optimized has them twice") {
  const File file("def forward(self, x):\n  return torch.linear(x, self.square)");
  LoadedModule module(file.path(), "cpu");
  const std::size_t bytes = 64 * 64 * sizeof(float);
  CHECK(module.WeightBytes(Way::kFrozen) == bytes);
  CHECK(module.WeightBytes(Way::kOptimized) >= bytes && module.WeightBytes(Way::kOptimized) <= 2 * bytes);
}

TEST("what is not needed any more is forgotten, and instances keep what they have") {
  const File file(kScale);
  LoadedModule module(file.path(), "cpu");
  const auto session = MakeInstance(module, module.ForInstance(Way::kFrozen, Sharing::kWhereSafe), Model(), {});
  module.Release();
  CHECK((Run(*session) == std::vector<float>{2, 4, 6, 8}));
}

TEST("an instance runs each sample three times on its thread, and one that is refused does no harm") {
  const File file(kSeen);
  LoadedModule module(file.path(), "cpu");
  const std::vector<TensorSpec> specs{Model().inputs.front().spec};
  auto samples = std::make_shared<std::vector<Sample>>();
  for (const int rows : {1, 8}) samples->push_back(MakeSample(specs, {}, true, rows, 1));
  const auto enter = [&](const std::string& source) {
    const File other(source);
    LoadedModule loaded(other.path(), "cpu");
    const auto session =
        MakeInstance(loaded, loaded.ForInstance(Way::kPlain, Sharing::kWhereSafe), Model(), {1, samples, nullptr});
    runs = 0;
    std::thread([&] { session->EnterThread(); }).join();
    return runs.load();
  };
  CHECK(enter(kSeen) == 6);
  CHECK(enter("def forward(self, x):\n"
              "  y = seen(x)\n"
              "  assert x.shape[0] > 1\n"
              "  return y") == 1 + 3);
}

std::vector<ExecutionPlan> Plans() {
  return {{"plain", Way::kPlain, 0},
          {"optimized", Way::kOptimized, 1},
          {"frozen", Way::kFrozen, 1},
          {"single-threaded", Way::kPlain, 1}};
}

TEST("every plan of a module without effects is measured for every batch size") {
  const File file(kScale);
  LoadedModule module(file.path(), "cpu");
  const std::vector<ExecutionPlan> plans = Plans();
  const Calibration calibration = ChoosePlan(module, Model(), {plans, 2, {1, 8}, 1.1, {}});
  CHECK(calibration.skipped.empty());
  CHECK(calibration.samples.size() == 2);
  for (const PlanTiming& timing : calibration.timings) CHECK(timing.refused.empty() && timing.micros.size() == 2);
}

TEST("a module with an effect is not run, and the fallback is taken") {
  const File file(kCount);
  LoadedModule module(file.path(), "cpu");
  const std::vector<ExecutionPlan> plans = Plans();
  const Calibration calibration = ChoosePlan(module, Model(), {plans, 2, {1, 8}, 1.1, {}});
  CHECK(calibration.chosen == 2 && calibration.samples.empty());
  CHECK(module.Shared(Way::kPlain).attr("total").toTensor().item<float>() == 0);
}

}  // namespace
}  // namespace tandem::torchscript
