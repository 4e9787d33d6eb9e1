#include "binding/plan_report.h"

#include <vector>

namespace tandem::binding {
namespace {

template <typename Number>
Napi::Array ToArray(Napi::Env env, const std::vector<Number>& numbers) {
  Napi::Array array = Napi::Array::New(env);
  for (const Number number : numbers) array.Set(array.Length(), static_cast<double>(number));
  return array;
}

}  // namespace

Napi::Object PlanReport(Napi::Env env, const std::string& plan, bool open, const Calibration& calibration) {
  Napi::Object report = Napi::Object::New(env);
  report.Set("plan", plan);
  report.Set("skipped", open ? calibration.skipped : "");
  report.Set("rows", ToArray(env, calibration.rows));
  Napi::Array timings = Napi::Array::New(env);
  for (const PlanTiming& timing : calibration.timings) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("plan", timing.plan);
    entry.Set("refused", timing.refused);
    entry.Set("micros", ToArray(env, timing.micros));
    timings.Set(timings.Length(), entry);
  }
  report.Set("timings", timings);
  return report;
}

}  // namespace tandem::binding
