import { invalidArgument } from "../../inference/serving-error.js";
import { asBoolean, asObject, asUnsigned, type JsonObject, needsExactNumbers } from "./json-access.js";

export type CustomParameters = Record<string, string | number | boolean | bigint>;

/** A request's `parameters`: those the protocol gives a meaning, and the rest. */
export interface RequestParameters {
  priority: number;
  timeoutMicros: number;
  /** Whether outputs that the request does not list come back as binary data. */
  binaryDataOutput: boolean;
  custom: CustomParameters | undefined;
}

export const noRequestParameters: Readonly<RequestParameters> = {
  priority: 0,
  timeoutMicros: 0,
  binaryDataOutput: false,
  custom: undefined,
};

/**
 * @see KServe v2 "Request Parameters"; sequence parameters are checked and, as no model here is stateful, dropped
 * @throws {ServingError} INVALID_ARGUMENT for reserved keys and unusable types, INTERNAL for a mistyped known one
 */
export function readRequestParameters(value: unknown): Readonly<RequestParameters> {
  if (value === undefined) return noRequestParameters;
  const object: JsonObject = asObject(value, "parameters");
  const parameters: RequestParameters = { ...noRequestParameters };
  for (const key of Object.keys(object)) readParameter(parameters, key, object[key]);
  return parameters;
}

function readParameter(parameters: RequestParameters, key: string, value: unknown): void {
  switch (key) {
    case "priority":
      parameters.priority = asUnsigned(value, key);
      return;
    case "timeout":
      parameters.timeoutMicros = asUnsigned(value, key);
      return;
    case "binary_data_output":
      parameters.binaryDataOutput = asBoolean(value, key);
      return;
    case "sequence_id":
      if (typeof value !== "string") asUnsigned(value, key);
      return;
    case "sequence_start":
    case "sequence_end":
      asBoolean(value, key);
      return;
    default:
      parameters.custom ??= Object.create(null) as CustomParameters;
      parameters.custom[key] = readCustomParameter(key, value);
  }
}

function readCustomParameter(key: string, value: unknown): string | number | boolean | bigint {
  if (key.startsWith("triton_")) {
    throw invalidArgument(
      "parameter keys starting with 'triton_' are reserved for Triton usage and should not be specified.",
    );
  }
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : value;
  if (typeof value === "number") {
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw needsExactNumbers;
    return value;
  }
  throw invalidArgument(
    `parameter '${key}' has invalid type. It should be either 'int', 'bool', or 'string'.`,
  );
}
