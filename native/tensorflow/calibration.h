#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tensorflow/frozen_graph.h"
#include "tensorflow/loaded_session.h"

namespace tandem::tensorflow {

// One way to run a model.
struct ExecutionPlan {
  std::string name;
  std::string config;       // ConfigProto
  std::string run_options;  // RunOptions
  bool frozen = false;      // with variables as constants, see frozen_graph.h
  bool threads = false;     // operations may use several threads
};

// What a plan did in the comparison.
struct PlanTiming {
  std::string plan;
  std::vector<double> micros;  // of a run, for each number of rows that was tried
  std::string refused;         // why it was not taken into account; "" if it was
};

struct Calibration {
  std::size_t chosen = 0;                        // of the plans
  std::shared_ptr<const LoadedSession> session;  // one of the chosen plan; null if it has to be loaded still
  std::shared_ptr<const FrozenGraph> frozen;     // if the chosen plan needs it
  std::vector<std::int64_t> rows;
  std::vector<PlanTiming> timings;
  std::string skipped;                             // why nothing was tried
  std::vector<std::vector<TensorHandle>> samples;  // inputs that the model takes, if it may be run with them
};

struct CalibrationOptions {
  // The first is the measure: TensorFlow's own way, which no choice may be slower than.
  std::span<const ExecutionPlan> plans;
  std::size_t fallback = 0;        // the plan where none can be tried
  std::string freezing_config;     // ConfigProto of the session that a frozen graph is made from
  std::vector<std::int64_t> rows;  // batch sizes to try, ascending; empty: no batch dimension
  double threads_gain = 1;         // how much faster a plan with threads for an operation has to be
};

// Runs the model with made-up inputs by every plan, each in a session of its own, and chooses the fastest, by the
// geometric mean over the batch sizes, of those that are nowhere slower than the first. A plan whose outputs differ
// from the first's by more than rounding is not taken.
//
// Of one plan nothing is measured, but it is run: the first run of a session prepares the graph, which no request shall
// wait for.
//
// A model that could leave something behind is not run (see effects.h), nor is one that refuses the made-up inputs; the
// `fallback` is chosen then. Takes up to a few seconds; one model at a time in a process, for they would disturb each
// other. Throws what loading throws.
Calibration Calibrate(const ModelSource& source, const ModelTensors& tensors, const CalibrationOptions& options);

// Runs `samples` in a session, so that it is prepared.
void WarmUp(const std::shared_ptr<const LoadedSession>& loaded, const std::string& run_options,
            const std::vector<std::vector<TensorHandle>>& samples);

}  // namespace tandem::tensorflow
