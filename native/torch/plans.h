#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/calibration.h"
#include "torch/instance.h"
#include "torch/module.h"

namespace tandem::torchscript {

// One way to run a module.
struct ExecutionPlan {
  std::string name;
  Way way = Way::kPlain;
  int threads = 0;  // see InstanceOptions
};

struct PlanOptions {
  // The first is the measure: plain `forward`.
  std::span<const ExecutionPlan> plans;
  std::size_t fallback = 0;          // the plan where none can be tried
  std::vector<std::int64_t> rows;    // batch sizes to try, ascending; empty: no batch dimension
  double threads_gain = 1;           // how much faster a plan with threads for an operation has to be
  std::vector<Shape> sample_shapes;  // by input, see CalibrationOptions
};

// Chooses among the plans; see core/calibration.h.
Calibration ChoosePlan(LoadedModule& module, const ModelOptions& model, const PlanOptions& options);

}  // namespace tandem::torchscript
