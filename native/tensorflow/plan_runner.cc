#include "tensorflow/plan_runner.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace tandem::tensorflow {
namespace {

// What each gets: as many runs as fit. A turn has several, of which the first does not count: it finds the caches full
// of the other's weights.
constexpr double kMicros = 20'000;
constexpr int kTurns = 6;
constexpr int kMinRuns = 5;  // of a turn
constexpr int kMaxRuns = 500;
// The first runs optimise the graph and allocate.
constexpr int kWarmUpRuns = 3;

class Turns {
 public:
  Turns(PlanRunner& runner, std::span<TF_Tensor* const> inputs) : runner_(runner), inputs_(inputs) {
    double last = 0;
    for (int run = 0; run < kWarmUpRuns; ++run) {
      last = runner_.Time(inputs_, 1).front();
      if (last > kMicros) break;  // long runs vary little from one to the next
    }
    runs_ = std::clamp(static_cast<int>(kMicros / std::max(last, 1.0) / kTurns), kMinRuns, kMaxRuns);
  }

  bool done() const { return times_.size() > kMinRuns && total_ > 2 * kMicros; }

  void TakeOne() {
    const std::vector<double> times = runner_.Time(inputs_, runs_);
    times_.insert(times_.end(), times.begin() + 1, times.end());
    total_ += std::accumulate(times.begin(), times.end(), 0.0);
  }

  double Decile() {
    const auto tenth = times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 10);
    std::nth_element(times_.begin(), tenth, times_.end());
    return *tenth;
  }

 private:
  PlanRunner& runner_;
  const std::span<TF_Tensor* const> inputs_;
  int runs_ = kMinRuns;
  double total_ = 0;
  std::vector<double> times_;
};

}  // namespace

PlanRunner::PlanRunner(std::shared_ptr<const LoadedSession> loaded, const std::string& run_options)
    : loaded_(std::move(loaded)), run_options_(ToBuffer(run_options)), status_(Tf().TF_NewStatus()) {}

std::vector<TensorHandle> PlanRunner::Run(std::span<TF_Tensor* const> inputs) {
  std::vector<TensorHandle> outputs;
  thread_.Do([&] { outputs = RunHere(inputs); });
  return outputs;
}

std::vector<double> PlanRunner::Time(std::span<TF_Tensor* const> inputs, int runs) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  thread_.Do([&] {
    for (int run = 0; run < runs; ++run) {
      const auto start = Clock::now();
      const auto outputs = RunHere(inputs);
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
  });
  return times;
}

std::vector<TensorHandle> PlanRunner::RunHere(std::span<TF_Tensor* const> inputs) const {
  std::vector<TF_Tensor*> fetched(loaded_->outputs.size(), nullptr);
  Tf().TF_SessionRun(loaded_->session.get(), run_options_.get(), loaded_->inputs.data(), inputs.data(),
                     static_cast<int>(inputs.size()), loaded_->outputs.data(), fetched.data(),
                     static_cast<int>(fetched.size()), nullptr, 0, nullptr, status_.get());
  std::vector<TensorHandle> outputs(fetched.begin(), fetched.end());
  Check(status_.get(), "");
  return outputs;
}

std::pair<double, double> CompareTimes(PlanRunner& left, PlanRunner& right, std::span<TF_Tensor* const> inputs) {
  Turns turns[] = {{left, inputs}, {right, inputs}};
  for (int turn = 0; turn < kTurns && !(turns[0].done() && turns[1].done()); ++turn) {
    for (Turns& one : turns) one.TakeOne();
  }
  return {turns[0].Decile(), turns[1].Decile()};
}

}  // namespace tandem::tensorflow
