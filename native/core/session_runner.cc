#include "core/session_runner.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace tandem {
namespace {

// What each gets: as many runs as fit. A turn has several, of which the first does not count: it finds the caches full
// of the other's weights.
constexpr double kMicros = 20'000;
constexpr int kTurns = 6;
constexpr int kMinRuns = 5;  // of a turn
// Of a run that is longer than all that a turn has one, and a few must do.
constexpr double kLongMicros = 10 * kMicros;
constexpr int kMinLongRuns = 2;
constexpr int kMaxRuns = 500;
// The first runs optimise the graph and allocate. A run that is long by itself needs none but the first.
constexpr int kWarmUpRuns = 3;
constexpr double kLongWarmUpMicros = 5 * kMicros;

class Turns {
 public:
  Turns(SessionRunner& runner, const Sample& sample) : runner_(runner), sample_(sample) {
    double last = 0;
    double spent = 0;
    for (int run = 0; run < kWarmUpRuns && spent < kLongWarmUpMicros; ++run) {
      last = runner_.Time(sample_, 1).front();
      spent += last;
    }
    is_long_ = last > kMicros;
    if (!is_long_) runs_ = std::clamp(static_cast<int>(kMicros / std::max(last, 1.0) / kTurns), kMinRuns, kMaxRuns);
  }

  bool done() const {
    const std::size_t runs = times_.size();
    return is_long_ ? runs >= kMinLongRuns && total_ > kLongMicros : runs > kMinRuns && total_ > 2 * kMicros;
  }

  void TakeOne() {
    const std::vector<double> times = runner_.Time(sample_, runs_);
    times_.insert(times_.end(), times.begin() + (is_long_ ? 0 : 1), times.end());
    total_ += std::accumulate(times.begin(), times.end(), 0.0);
  }

  double Decile() {
    const auto tenth = times_.begin() + static_cast<std::ptrdiff_t>(times_.size() / 10);
    std::nth_element(times_.begin(), tenth, times_.end());
    return *tenth;
  }

 private:
  SessionRunner& runner_;
  const Sample& sample_;
  int runs_ = 1;
  bool is_long_ = false;
  double total_ = 0;
  std::vector<double> times_;
};

}  // namespace

SessionRunner::SessionRunner(std::unique_ptr<Session> session, std::size_t output_count)
    : session_(std::move(session)), outputs_(output_count) {
  std::iota(outputs_.begin(), outputs_.end(), 0);
  thread_.Do([this] { session_->EnterThread(); });
}

std::vector<OutputTensor> SessionRunner::Run(const Sample& sample) {
  std::vector<OutputTensor> outputs;
  thread_.Do([&] { outputs = RunSample(*session_, outputs_, sample); });
  return outputs;
}

std::vector<double> SessionRunner::Time(const Sample& sample, int runs) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  thread_.Do([&] {
    for (int run = 0; run < runs; ++run) {
      const auto start = Clock::now();
      RunSample(*session_, outputs_, sample);
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
  });
  return times;
}

std::pair<double, double> CompareTimes(SessionRunner& left, SessionRunner& right, const Sample& sample) {
  Turns turns[] = {{left, sample}, {right, sample}};
  for (int turn = 0; turn < kTurns && !(turns[0].done() && turns[1].done()); ++turn) {
    for (Turns& one : turns) one.TakeOne();
  }
  return {turns[0].Decile(), turns[1].Decile()};
}

std::vector<OutputTensor> RunSample(Session& session, std::span<const std::uint32_t> outputs, const Sample& sample) {
  Phases phases;
  return session.Run(sample.inputs, outputs, phases, std::make_shared<Loan>());
}

}  // namespace tandem
