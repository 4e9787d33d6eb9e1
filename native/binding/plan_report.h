#pragma once

#include <napi.h>

#include <string>

#include "core/calibration.h"

namespace tandem::binding {

// What JavaScript is told of a choice: `ExecutionPlanReport` in src/engine/engine-model.ts. `open`: there was one.
Napi::Object PlanReport(Napi::Env env, const std::string& plan, bool open, const Calibration& calibration);

// Tells it of each device: the model's property `plans`. `makers` have Report(env).
template <typename Makers>
void SetPlanReports(Napi::Env env, Napi::Object model, const Makers& makers) {
  Napi::Array reports = Napi::Array::New(env);
  for (const auto& maker : makers) reports.Set(reports.Length(), maker.Report(env));
  model.Set("plans", reports);
}

}  // namespace tandem::binding
