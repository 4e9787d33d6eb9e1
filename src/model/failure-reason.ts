import { Code, ServingError } from "../inference/serving-error.js";

/** Status codes as the reasons of load failures spell them. */
const classNames: Partial<Record<Code, string>> = {
  [Code.UNKNOWN]: "Unknown",
  [Code.INTERNAL]: "Internal",
  [Code.NOT_FOUND]: "Not found",
  [Code.INVALID_ARGUMENT]: "Invalid argument",
  [Code.UNAVAILABLE]: "Unavailable",
  [Code.UNIMPLEMENTED]: "Unsupported",
  [Code.ALREADY_EXISTS]: "Already exists",
  [Code.CANCELLED]: "Cancelled",
};

/** Why loading failed, as the repository index shows it: `Invalid argument: unexpected platform …`. */
export function failureReason(thrown: unknown): string {
  const { code, message } = ServingError.from(thrown);
  return `${classNames[code] ?? "Unknown"}: ${message}`;
}
