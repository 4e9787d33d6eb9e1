import { invalidArgument } from "../../inference/serving-error.js";

/**
 * The version segment of a path; undefined where the path has none.
 *
 * @throws {ServingError} INVALID_ARGUMENT unless it is a positive integer
 */
export function parseModelVersion(segment: string | undefined): number | undefined {
  if (segment === undefined) return undefined;
  const version = Number(segment);
  if (!/^[0-9]+$/.test(segment) || !Number.isSafeInteger(version)) {
    const reason = /^[0-9]+$/.test(segment) ? "out of range" : "not a decimal integer";
    throw invalidArgument(
      `failed to get model version from specified version string '${segment}' (details: ${reason}), version should be an integral value > 0`,
    );
  }
  if (version < 1) {
    throw invalidArgument(
      `invalid model version specified '${segment}' , version should be an integral value > 0`,
    );
  }
  return version;
}
