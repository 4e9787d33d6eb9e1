#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/calibration.h"
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

struct PlanOptions {
  // The first is the measure: TensorFlow's own way.
  std::span<const ExecutionPlan> plans;
  std::size_t fallback = 0;          // the plan where none can be tried
  std::string freezing_config;       // ConfigProto of the session that a frozen graph is made from
  std::vector<std::int64_t> rows;    // batch sizes to try, ascending; empty: no batch dimension
  double threads_gain = 1;           // how much faster a plan with threads for an operation has to be
  std::vector<Shape> sample_shapes;  // by input, see CalibrationOptions
};

// What was chosen, with what can be used of what was made to find it.
struct ChosenPlan {
  Calibration calibration;
  std::shared_ptr<const LoadedSession> session;  // one of the chosen plan; null if it has to be loaded still
  std::shared_ptr<const FrozenGraph> frozen;     // if the chosen plan needs it
};

// Chooses among the plans, each in a session of its own; see core/calibration.h. A model with an effect (see effects.h)
// is not run. Throws what loading throws.
ChosenPlan ChoosePlan(const ModelSource& source, const ModelTensors& tensors, const PlanOptions& options);

// Runs `samples` in a session, so that it is prepared: the first run prepares the graph, which no request shall wait
// for.
void WarmUp(const std::shared_ptr<const LoadedSession>& loaded, const std::string& run_options,
            std::span<const Sample> samples);

}  // namespace tandem::tensorflow
