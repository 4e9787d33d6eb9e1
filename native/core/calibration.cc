#include "core/calibration.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "core/error.h"
#include "core/session_runner.h"

namespace tandem {
namespace {

using Clock = std::chrono::steady_clock;

// No further plan is tried after that.
constexpr std::chrono::seconds kBudget{3};
// From here on handing operations to threads costs nothing that matters, and trying costs much: what has to be loaded
// for it and larger batches are not tried.
constexpr double kLongRunMicros = 10'000;
constexpr int kRunsToTell = 3;
// For variable dimensions: the first with which the model runs.
constexpr std::int64_t kExtents[] = {16, 1, 224};
// What may be chance: so much slower than the first plan for some batch size is no slower, so much faster is not
// faster.
constexpr double kNoise = 1.03;

class Calibrator {
 public:
  Calibrator(PlanMaker& maker, const CalibrationOptions& options)
      : maker_(maker), options_(options), plain_(maker.Make(0, nullptr), options.output_count) {}

  Calibration Run() {
    result_.chosen = options_.fallback;
    if (std::string effect = maker_.Effect(); !effect.empty()) {
      result_.skipped = std::move(effect);
      return std::move(result_);
    }
    try {
      MakeSamples();
    } catch (const Error& error) {
      result_.skipped = std::string("made-up inputs are refused: ") + error.what();
      return std::move(result_);
    }
    if (options_.plans.size() == 1) return std::move(result_);
    for (const PlanTraits& plan : options_.plans) result_.timings.push_back({plan.name, {}, {}});
    end_ = Clock::now() + kBudget;
    for (std::size_t i = 1; i < options_.plans.size(); ++i) {
      try {
        Try(i);
      } catch (const Error& error) {
        result_.timings[i].refused = error.what();
        maker_.Drop(i);
      }
    }
    Choose();
    return std::move(result_);
  }

 private:
  struct Contender {
    std::size_t plan = 0;
    double micros = std::numeric_limits<double>::infinity();  // the geometric mean; infinite: there is none
  };

  // One sample for each number of rows, and what the first plan makes of it. Throws if the model takes none.
  void MakeSamples() {
    const bool batched = !options_.rows.empty();
    for (const std::int64_t extent : kExtents) {
      try {
        AddSample(batched, batched ? options_.rows.front() : 1, extent);
        is_long_ = IsLong(result_.samples.front());
        for (std::size_t i = 1; i < options_.rows.size() && !is_long_; ++i)
          AddSample(batched, options_.rows[i], extent);
        return;
      } catch (const Error&) {
        result_.samples.clear();
        expected_.clear();
        result_.rows.clear();
        if (extent == std::end(kExtents)[-1]) throw;
      }
    }
  }

  // Whether no run is short: the first ones may prepare what follows, and any may be disturbed.
  bool IsLong(const Sample& sample) {
    for (int run = 0; run < kRunsToTell; ++run) {
      if (plain_.Time(sample, 1).front() <= kLongRunMicros) return false;
    }
    return true;
  }

  void AddSample(bool batched, std::int64_t rows, std::int64_t extent) {
    Sample sample = MakeSample(options_.inputs, options_.sample_shapes, batched, rows, extent);
    expected_.push_back(plain_.Run(sample));
    result_.samples.push_back(std::move(sample));
    result_.rows.push_back(rows);
  }

  // Runs a plan against the first, and remembers the better of those of its kind. Throws why it is not to be taken.
  void Try(std::size_t index) {
    const PlanTraits& plan = options_.plans[index];
    if (is_long_ && plan.loads) throw Error(Code::kUnimplemented, "a run takes so long that it would not matter");
    if (Clock::now() > end_) throw Error(Code::kUnimplemented, "no time was left to try it");
    const std::vector<Sample>& samples = result_.samples;
    SessionRunner runner(maker_.Make(index, &samples.front()), options_.output_count);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto outputs = runner.Run(samples[i]);
      if (!std::equal(outputs.begin(), outputs.end(), expected_[i].begin(), expected_[i].end(), Agree))
        throw Error(Code::kUnimplemented, "its results differ");
    }
    std::vector<double>& micros = result_.timings[index].micros;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const auto [plain, own] = CompareTimes(plain_, runner, samples[i]);
      micros.push_back(own);
      Note(result_.timings.front().micros, i, plain);
    }
    Contender contender{index, Mean(micros)};
    Contender& best = best_[plan.threads ? 1 : 0];
    if (!IsSlower(index) && contender.micros < best.micros) std::swap(contender, best);
    if (contender.plan != 0) maker_.Drop(contender.plan);
  }

  // Than the first plan at its best, for any batch size.
  bool IsSlower(std::size_t plan) const {
    const std::vector<double>& own = result_.timings[plan].micros;
    return !std::equal(own.begin(), own.end(), result_.timings.front().micros.begin(),
                       [](double micros, double plain) { return micros <= plain * kNoise; });
  }

  static double Mean(const std::vector<double>& micros) {  // geometric
    double product = 1;
    for (const double value : micros) product *= std::pow(value, 1.0 / static_cast<double>(micros.size()));
    return product;
  }

  // The first plan runs against each of the others: its best time is told.
  static void Note(std::vector<double>& micros, std::size_t sample, double time) {
    if (micros.size() == sample) micros.push_back(time);
    micros[sample] = std::min(micros[sample], time);
  }

  void Choose() {
    for (Contender& contender : best_) {
      if (IsSlower(contender.plan)) contender = {};  // for the first plan has done better since
    }
    const Contender plain{0, Mean(result_.timings.front().micros)};
    const auto& [single, measured] = best_;
    const Contender& threaded = measured.micros * kNoise < plain.micros ? measured : plain;
    result_.chosen = (threaded.micros * options_.threads_gain < single.micros ? threaded : single).plan;
  }

  PlanMaker& maker_;
  const CalibrationOptions& options_;
  Clock::time_point end_;
  SessionRunner plain_;
  Calibration result_;
  bool is_long_ = false;
  std::vector<std::vector<OutputTensor>> expected_;  // by sample
  std::array<Contender, 2> best_;                    // with one thread, and with several
};

}  // namespace

Calibration Calibrate(PlanMaker& maker, const CalibrationOptions& options) {
  static std::mutex& measuring = *new std::mutex;
  const std::lock_guard lock(measuring);
  return Calibrator(maker, options).Run();
}

}  // namespace tandem
