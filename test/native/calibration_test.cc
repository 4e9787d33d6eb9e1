#include "core/calibration.h"

#include <chrono>
#include <cstring>
#include <thread>

#include "check.h"
#include "core/error.h"
#include "fake_session.h"

namespace tandem {
namespace {

// What a plan of a made-up model is like.
struct FakePlan {
  int micros = 0;
  float answer = 1;
  bool fails = false;
};

class FakeMaker final : public PlanMaker {
 public:
  FakeMaker(std::initializer_list<FakePlan> plans) : plans_(plans) {}

  std::string effect;
  std::vector<std::size_t> dropped;
  int runs = 0;

  std::string Effect() override { return effect; }
  std::unique_ptr<Session> Make(std::size_t plan, const Sample*) override {
    const FakePlan& made = plans_[plan];
    if (made.fails) throw Error(Code::kUnimplemented, "it cannot be made");
    return std::make_unique<test::FakeSession>([this, made](std::span<const GatheredInput> inputs) {
      ++runs;
      if (inputs.front().shape.back() == 16) throw Error(Code::kInternal, "16 is too many");
      const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(made.micros);
      while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
      OutputTensor output{DataType::kFloat32, {1}, AllocateAligned(sizeof(float)), sizeof(float), {}};
      std::memcpy(const_cast<std::byte*>(output.data.get()), &made.answer, sizeof(float));
      return std::vector<OutputTensor>{output};
    });
  }
  void Drop(std::size_t plan) override { dropped.push_back(plan); }

 private:
  const std::vector<FakePlan> plans_;
};

CalibrationOptions Options(std::vector<PlanTraits> plans, Shape shape = {-1, 4}) {
  CalibrationOptions options;
  options.plans = std::move(plans);
  options.fallback = options.plans.size() - 1;
  options.inputs = {{"x", DataType::kFloat32, std::move(shape), true}};
  options.output_count = 1;
  options.rows = {1, 8};
  options.threads_gain = 2;
  return options;
}

TEST("the fastest plan is chosen, and all that lose are dropped") {
  FakeMaker maker{{400}, {200}, {50}, {100}};
  const Calibration calibration = Calibrate(maker, Options({{"plain", true}, {"a"}, {"b"}, {"c"}}));
  CHECK(calibration.chosen == 2);
  CHECK(calibration.skipped.empty());
  CHECK((calibration.rows == std::vector<std::int64_t>{1, 8}));
  for (const PlanTiming& timing : calibration.timings) CHECK(timing.refused.empty() && timing.micros.size() == 2);
  CHECK((maker.dropped == std::vector<std::size_t>{1, 3}));
}

TEST("a plan that is slower than the first is not chosen") {
  FakeMaker maker{{50}, {200}};
  CHECK(Calibrate(maker, Options({{"plain", true}, {"a"}})).chosen == 0);
  CHECK((maker.dropped == std::vector<std::size_t>{1}));
}

TEST("several threads for an operation have to be worth it") {
  FakeMaker maker{{400}, {100}, {98}};
  CHECK(Calibrate(maker, Options({{"plain", true}, {"a"}, {"a-parallel", true}})).chosen == 1);
  FakeMaker faster{{400}, {100}, {30}};
  CHECK(Calibrate(faster, Options({{"plain", true}, {"a"}, {"a-parallel", true}})).chosen == 2);
}

TEST("a plan that answers otherwise, or cannot be made, is refused with the reason") {
  FakeMaker maker{{400}, {50, 1.1F}, {50, 1, true}, {200}};
  const Calibration calibration = Calibrate(maker, Options({{"plain", true}, {"a"}, {"b"}, {"c"}}));
  CHECK(calibration.chosen == 3);
  CHECK(calibration.timings[1].refused == "its results differ");
  CHECK(calibration.timings[2].refused == "it cannot be made");
}

TEST("a long run is not tried in batches, nor by what has to be loaded for it") {
  FakeMaker maker{{30'000}, {0}, {0}};
  const Calibration calibration = Calibrate(maker, Options({{"plain", true}, {"a", false, true}, {"b"}}));
  CHECK((calibration.rows == std::vector<std::int64_t>{1}));
  CHECK(calibration.timings[1].refused.find("so long") != std::string::npos);
  CHECK(calibration.chosen == 2);
}

TEST("a model with an effect is not run, and the fallback is taken") {
  FakeMaker maker{{1}, {1}};
  maker.effect = "it counts";
  const Calibration calibration = Calibrate(maker, Options({{"plain", true}, {"a"}}));
  CHECK(calibration.chosen == 1 && calibration.skipped == "it counts");
  CHECK(calibration.samples.empty() && maker.runs == 0);
}

TEST("of one plan nothing is measured, but the samples are found") {
  FakeMaker maker{{1}};
  const Calibration calibration = Calibrate(maker, Options({{"plain", true}}));
  CHECK(calibration.timings.empty() && calibration.samples.size() == 2);
}

TEST("variable dimensions are what the model takes, unless their usual sizes are known") {
  FakeMaker maker{{1}};
  CalibrationOptions options = Options({{"plain", true}}, {-1, -1});
  const auto tried = [&] { return Calibrate(maker, options).samples.front().inputs.front().shape; };
  CHECK((tried() == Shape{1, 1}));
  options.sample_shapes = {{7}};
  CHECK((tried() == Shape{1, 7}));
  options.sample_shapes = {{16}};  // which it refuses
  CHECK(Calibrate(maker, options).skipped.find("16 is too many") != std::string::npos);
}

}  // namespace
}  // namespace tandem
