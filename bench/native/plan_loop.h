#pragma once

#include <chrono>
#include <sstream>
#include <utility>

#include "core/session_runner.h"
#include "raw_loop.h"

// What choosing an execution plan wins: the model is called by the plan chosen and by the engine's own, in turns, one
// call at a time.

namespace tandem::bench {

inline Shape ReadShape(const std::string& dims) {
  Shape shape;
  std::stringstream stream(dims);
  for (std::string dim; std::getline(stream, dim, ',');) shape.push_back(std::stoll(dim));
  return shape;
}

inline std::vector<std::string> SplitPlan(const std::string& text, std::size_t count) {
  std::stringstream stream(text);
  std::vector<std::string> parts;
  for (std::string part; std::getline(stream, part, '/');) parts.push_back(part);
  parts.resize(count);
  return parts;
}

// Median microseconds of the calls of `seconds`.
inline double Median(SessionRunner& runner, const Sample& sample, double seconds) {
  constexpr int kRuns = 10;
  std::vector<double> micros;
  double total = 0;
  while (total < seconds * 1e6) {
    for (const double time : runner.Time(sample, kRuns)) {
      micros.push_back(time);
      total += time;
    }
  }
  const auto middle = micros.begin() + static_cast<std::ptrdiff_t>(micros.size() / 2);
  std::nth_element(micros.begin(), middle, micros.end());
  return *middle;
}

inline void PrintList(const std::vector<double>& numbers) {
  const char* separator = "[";
  for (const double number : numbers) std::cout << std::exchange(separator, ",") << number;
  std::cout << "]";
}

// --seconds=2 --rounds=5. Prints {"plan", "load_seconds", "plain_us": [], "chosen_us": []}: the median of each round.
inline void ComparePlans(const Arguments& arguments, const std::string& plan, double load_seconds, SessionRunner& plain,
                         SessionRunner& chosen, const Sample& sample) {
  const double seconds = std::stod(One(arguments, "seconds"));
  Median(plain, sample, seconds / 4);
  Median(chosen, sample, seconds / 4);
  std::vector<double> plain_micros;
  std::vector<double> our_micros;
  for (int round = std::stoi(One(arguments, "rounds")); round > 0; --round) {
    plain_micros.push_back(Median(plain, sample, seconds));
    our_micros.push_back(Median(chosen, sample, seconds));
  }
  std::cout << R"({"plan":")" << plan << R"(","load_seconds":)" << load_seconds << R"(,"plain_us":)";
  PrintList(plain_micros);
  std::cout << R"(,"chosen_us":)";
  PrintList(our_micros);
  std::cout << "}" << std::endl;
}

// Seconds that `work` takes.
template <typename Work>
double SecondsOf(Work work) {
  const auto started = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
}

}  // namespace tandem::bench
