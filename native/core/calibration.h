#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/sample.h"
#include "core/session.h"
#include "core/tensor.h"

namespace tandem {

// A way to run a model, as far as the choice among them needs to know it.
struct PlanTraits {
  std::string name;
  bool threads = false;  // operations may use several threads
  bool loads = false;    // the model has to be loaded once more for it
};

// What a plan did in the comparison.
struct PlanTiming {
  std::string plan;
  std::vector<double> micros;  // of a run, for each number of rows that was tried
  std::string refused;         // why it was not taken into account; "" if it was
};

// An engine's side of the choice.
class PlanMaker {
 public:
  virtual ~PlanMaker() = default;
  // Why the model is not run with made-up inputs: it may leave something behind. "" if it may be.
  virtual std::string Effect() = 0;
  // A session by the plan of that number. Throws why there is none. `sample`: inputs that the model takes; null before
  // there are any, for the first plan.
  virtual std::unique_ptr<Session> Make(std::size_t plan, const Sample* sample) = 0;
  // This plan will not be chosen: what was made for it may go.
  virtual void Drop(std::size_t plan) = 0;
};

struct CalibrationOptions {
  // The first is the measure: the engine's own way, which no choice may be slower than.
  std::vector<PlanTraits> plans;
  std::size_t fallback = 0;  // the plan where none can be tried
  std::vector<TensorSpec> inputs;
  std::size_t output_count = 0;
  std::vector<std::int64_t> rows;    // batch sizes to try, ascending; empty: no batch dimension
  std::vector<Shape> sample_shapes;  // by input, without the batch dimension, where it is known which are usual
  double threads_gain = 1;           // how much faster a plan with threads for an operation has to be
};

struct Calibration {
  std::size_t chosen = 0;  // of the plans
  std::vector<std::int64_t> rows;
  std::vector<PlanTiming> timings;
  std::string skipped;          // why nothing was tried
  std::vector<Sample> samples;  // inputs that the model takes, if it may be run with them
};

// Runs the model with made-up inputs by every plan and chooses the fastest, by the geometric mean over the batch sizes,
// of those that are nowhere slower than the first. A plan whose outputs differ from the first's by more than rounding
// is not taken. With one plan nothing is measured, but the samples are found.
//
// A model that could leave something behind is not run, nor is one that refuses the made-up inputs; the `fallback` is
// chosen then. Takes up to a few seconds; one model at a time in a process, for they would disturb each other. Throws
// what making the first plan's session throws.
Calibration Calibrate(PlanMaker& maker, const CalibrationOptions& options);

}  // namespace tandem
