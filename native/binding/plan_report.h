#pragma once

#include <napi.h>

#include <string>

#include "core/calibration.h"

namespace tandem::binding {

// What JavaScript is told of a choice: `ExecutionPlanReport` in src/engine/engine-model.ts. `open`: there was one.
Napi::Object PlanReport(Napi::Env env, const std::string& plan, bool open, const Calibration& calibration);

}  // namespace tandem::binding
