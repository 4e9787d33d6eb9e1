import type { ModelConfig } from "../config/model-config.js";
import { normalise } from "../config/normalise.js";
import { frameworkBackend } from "../config/python-platform.js";
import { validate } from "../config/validate.js";
import { modelGpus } from "./model-gpus.js";

/** The first thing that stands in the way of loading the model. */
export function judge(known: string | undefined, check: () => void): string | undefined {
  try {
    check();
    return known;
  } catch (error) {
    return known ?? (error as Error).message;
  }
}

/** @throws {ServingError} INVALID_ARGUMENT */
export function checkValid(config: ModelConfig): void {
  const gpus = modelGpus(undefined)(frameworkBackend(config));
  validate(normalise(config, gpus), gpus);
}
