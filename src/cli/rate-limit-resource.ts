import { invalidArgument } from "../inference/serving-error.js";
import type { ResourceLimit } from "../scheduler/resource-pools.js";

/**
 * A value of `--rate-limit-resource`: `NAME:COUNT` for every device, `NAME:COUNT:DEVICE` for one.
 *
 * @throws {ServingError} INVALID_ARGUMENT saying what would be right
 */
export function parseRateLimitResource(text: string): ResourceLimit {
  const [, name, count, device] = /^([^:]+):([0-9]+)(?::([0-9]+))?$/.exec(text) ?? [];
  if (name === undefined) {
    throw invalidArgument(
      "--rate-limit-resource: expected NAME:COUNT or NAME:COUNT:DEVICE, with a COUNT and a DEVICE of 0 or more, " +
        `got '${text}'`,
    );
  }
  return { name, count: Number(count), ...(device === undefined ? {} : { device: Number(device) }) };
}
