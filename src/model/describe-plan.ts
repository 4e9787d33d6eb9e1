import type { ExecutionPlanReport } from "../engine/engine-model.js";

/** A line for the log: which way of running the model was chosen, and what was measured. */
export function describePlan(name: string, version: number, report: ExecutionPlanReport): string {
  const { plan, skipped, rows, timings } = report;
  const chosen = `model '${name}' version ${version} runs by execution plan '${plan}'`;
  if (skipped !== "") return `${chosen}, unmeasured: ${skipped}`;
  if (timings.length === 0) return chosen;
  const measured = timings.map(({ plan: each, refused, micros }) =>
    refused === "" ? `${each} ${micros.map((time) => time.toFixed(1)).join("/")}` : `${each}: ${refused}`,
  );
  return `${chosen}; microseconds for batches of ${rows.join("/")}: ${measured.join(", ")}`;
}
