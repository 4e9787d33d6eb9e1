import { invalidArgument } from "../inference/serving-error.js";
import type { ModelControlMode } from "./served-model.js";

const every = "*";

/**
 * The models to load at the start.
 *
 * @param asked undefined: all, or where clients load models themselves none; `["*"]`: all
 * @param found names of the models that there are
 * @throws {ServingError} INVALID_ARGUMENT if `*` is one of several
 * @see Triton "Model Management", "Model Control Mode EXPLICIT"
 */
export function startupModels(
  asked: readonly string[] | undefined,
  mode: ModelControlMode,
  found: readonly string[],
): readonly string[] {
  if (asked === undefined) return mode === "explicit" ? [] : found;
  if (!asked.includes(every)) return [...new Set(asked)];
  if (asked.length === 1) return found;
  throw invalidArgument(
    `Wildcard model name '${every}' must be the ONLY startup model if specified at all. Got ${asked.join(", ")}`,
  );
}
