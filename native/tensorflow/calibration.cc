#include "tensorflow/calibration.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include "core/freed_memory.h"
#include "tensorflow/effects.h"
#include "tensorflow/frozen_graph.h"
#include "tensorflow/graph_def.h"
#include "tensorflow/plan_runner.h"
#include "tensorflow/sample.h"

namespace tandem::tensorflow {
namespace {

using Clock = std::chrono::steady_clock;

// No further plan is tried after that.
constexpr std::chrono::seconds kBudget{3};
// From here on handing operations to threads costs nothing that matters, and trying costs much: other sessions and
// larger batches are not tried.
constexpr double kLongRunMicros = 10'000;
// For variable dimensions: the first with which the model runs.
constexpr std::int64_t kExtents[] = {16, 1, 224};
// What may be chance: so much slower than the first plan for some batch size is no slower, so much faster is not
// faster.
constexpr double kNoise = 1.03;

using Sample = std::vector<TensorHandle>;

bool AllAgree(const std::vector<TensorHandle>& actual, const std::vector<TensorHandle>& expected) {
  return std::equal(actual.begin(), actual.end(), expected.begin(), expected.end(),
                    [](const TensorHandle& left, const TensorHandle& right) { return Agree(left.get(), right.get()); });
}

class Calibrator {
 public:
  Calibrator(const ModelSource& source, const ModelTensors& tensors, const CalibrationOptions& options)
      : source_(source),
        tensors_(tensors),
        options_(options),
        end_(Clock::now() + kBudget),
        plain_(LoadSession(source, tensors, options.plans.front().config), options.plans.front().run_options) {}

  Calibration Run() {
    const ExecutionPlan& fallback = options_.plans[options_.fallback];
    result_.chosen = options_.fallback;
    if (fallback.config == options_.plans.front().config && !fallback.frozen) result_.session = plain_.loaded();
    if (std::string effect = Effect(); !effect.empty()) {
      result_.skipped = "operation " + effect + " may leave something behind or answer differently each time";
      return std::move(result_);
    }
    try {
      MakeSamples();
    } catch (const Error& error) {
      result_.skipped = std::string("made-up inputs are refused: ") + error.what();
      return std::move(result_);
    }
    if (options_.plans.size() == 1) {
      result_.samples = std::move(samples_);
      return std::move(result_);
    }
    for (const ExecutionPlan& plan : options_.plans) result_.timings.push_back({plan.name, {}, {}});
    for (std::size_t i = 1; i < options_.plans.size(); ++i) {
      try {
        Try(i);
      } catch (const Error& error) {
        result_.timings[i].refused = error.what();
      }
    }
    Choose();
    result_.samples = std::move(samples_);
    return std::move(result_);
  }

 private:
  struct Contender {
    std::size_t plan = 0;
    double micros = std::numeric_limits<double>::infinity();  // the geometric mean; infinite: there is none
    std::shared_ptr<const LoadedSession> session;
  };

  std::string Effect() const {
    const BufferHandle buffer(Tf().TF_NewBuffer());
    const StatusHandle status(Tf().TF_NewStatus());
    Tf().TF_GraphToGraphDef(plain_.loaded()->graph.get(), buffer.get(), status.get());
    Check(status.get(), "");
    std::vector<std::string> fetches;
    for (const Binding& output : tensors_.outputs) fetches.push_back(output.tensor);
    return FindEffect(ReadGraphDef({static_cast<const char*>(buffer->data), buffer->length}), fetches);
  }

  // One sample for each number of rows, and what the first plan makes of it. Throws if the model takes none.
  void MakeSamples() {
    const bool batched = !options_.rows.empty();
    for (const std::int64_t extent : kExtents) {
      try {
        AddSample(batched, batched ? options_.rows.front() : 1, extent);
        is_long_ = plain_.Time(Pointers(samples_.front()), 1).front() > kLongRunMicros;
        for (std::size_t i = 1; i < options_.rows.size() && !is_long_; ++i)
          AddSample(batched, options_.rows[i], extent);
        return;
      } catch (const Error&) {
        samples_.clear();
        expected_.clear();
        result_.rows.clear();
        if (extent == std::end(kExtents)[-1]) throw;
      }
    }
  }

  void AddSample(bool batched, std::int64_t rows, std::int64_t extent) {
    Sample sample = MakeSample(tensors_, batched, rows, extent);
    expected_.push_back(plain_.Run(Pointers(sample)));
    samples_.push_back(std::move(sample));
    result_.rows.push_back(rows);
  }

  // Runs a plan against the first, and remembers the better of those of its kind. Throws why it is not to be taken.
  void Try(std::size_t index) {
    const ExecutionPlan& plan = options_.plans[index];
    const bool shares = plan.config == options_.plans.front().config && !plan.frozen;
    if (is_long_ && !shares) throw Error(Code::kUnimplemented, "a run takes so long that it would not matter");
    if (Clock::now() > end_) throw Error(Code::kUnimplemented, "no time was left to try it");
    const auto session = shares ? plain_.loaded() : Load(plan);
    PlanRunner runner(session, plan.run_options);
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const auto outputs = runner.Run(Pointers(samples_[i]));
      if (!AllAgree(outputs, expected_[i])) throw Error(Code::kUnimplemented, "its results differ");
    }
    std::vector<double>& micros = result_.timings[index].micros;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      const auto [plain, own] = CompareTimes(plain_, runner, Pointers(samples_[i]));
      micros.push_back(own);
      Note(result_.timings.front().micros, i, plain);
    }
    Contender& best = best_[plan.threads ? 1 : 0];
    if (!IsSlower(index) && Mean(micros) < best.micros) best = {index, Mean(micros), session};
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

  std::shared_ptr<const LoadedSession> Load(const ExecutionPlan& plan) {
    if (!plan.frozen) return LoadSession(source_, tensors_, plan.config);
    const FrozenGraph& frozen = Frozen();
    return LoadSessionFromGraph(frozen.graph_def, frozen.tensors, plan.config);
  }

  const FrozenGraph& Frozen() {
    if (!cannot_freeze_.empty()) throw Error(Code::kUnimplemented, cannot_freeze_);
    if (frozen_ != nullptr) return *frozen_;
    try {
      const auto own = LoadSession(source_, tensors_, options_.freezing_config);
      frozen_ = std::make_shared<const FrozenGraph>(Freeze(*own, tensors_, Pointers(samples_.front())));
    } catch (const Error& error) {
      cannot_freeze_ = error.what();
      throw;
    }
    return *frozen_;
  }

  void Choose() {
    for (Contender& contender : best_) {
      if (IsSlower(contender.plan)) contender = {};  // for the first plan has done better since
    }
    const Contender plain{0, Mean(result_.timings.front().micros), plain_.loaded()};
    const auto& [single, measured] = best_;
    const Contender& threaded = measured.micros * kNoise < plain.micros ? measured : plain;
    const Contender& best = threaded.micros * options_.threads_gain < single.micros ? threaded : single;
    result_.chosen = best.plan;
    result_.session = best.session;
    if (options_.plans[best.plan].frozen) result_.frozen = frozen_;
  }

  const ModelSource& source_;
  const ModelTensors& tensors_;
  const CalibrationOptions& options_;
  const Clock::time_point end_;
  PlanRunner plain_;
  Calibration result_;
  bool is_long_ = false;
  std::vector<Sample> samples_;
  std::vector<std::vector<TensorHandle>> expected_;  // by sample
  std::shared_ptr<const FrozenGraph> frozen_;
  std::string cannot_freeze_;
  std::array<Contender, 2> best_;  // with one thread, and with several
};

}  // namespace

Calibration Calibrate(const ModelSource& source, const ModelTensors& tensors, const CalibrationOptions& options) {
  static std::mutex& measuring = *new std::mutex;
  const std::lock_guard lock(measuring);
  Calibration result = Calibrator(source, tensors, options).Run();
  ReturnFreedMemory();  // of the sessions not chosen
  return result;
}

void WarmUp(const std::shared_ptr<const LoadedSession>& loaded, const std::string& run_options,
            const std::vector<std::vector<TensorHandle>>& samples) {
  if (samples.empty()) return;
  PlanRunner runner(loaded, run_options);
  for (const auto& sample : samples) runner.Run(Pointers(sample));
}

}  // namespace tandem::tensorflow
