import { Code, ServingError } from "../../inference/serving-error.js";

/** A parsed JSON object; integers are numbers, or bigints where {@link parseExactJson} read them. */
export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Thrown where a number may have lost digits in JSON.parse: read the text again with {@link parseExactJson}. */
export const needsExactNumbers = Symbol("needs exact numbers");

/** A type fault in a request's JSON. Clients know this class as INTERNAL, HTTP status 500. */
export function jsonFault(key: string, reason: string): ServingError {
  return new ServingError(Code.INTERNAL, `Unable to parse '${key}': ${reason}`);
}

function mistyped(value: unknown, key: string, phrase: string): ServingError {
  return jsonFault(
    key,
    value === undefined
      ? `attempt to access non-existing object member '${key}'`
      : `attempt to access JSON ${phrase}`,
  );
}

export function asString(value: unknown, key: string): string {
  if (typeof value === "string") return value;
  throw mistyped(value, key, "non-string as string");
}

export function asBoolean(value: unknown, key: string): boolean {
  if (typeof value === "boolean") return value;
  throw mistyped(value, key, "non-boolean as boolean");
}

/** A non-negative integer. Above 2^53 the nearest number. */
export function asUnsigned(value: unknown, key: string): number {
  if (typeof value === "number" && value >= 0 && Number.isInteger(value)) return value;
  if (typeof value === "bigint" && value >= 0n) return Number(value);
  throw mistyped(value, key, "non-unsigned-integer as unsigned-integer");
}

export function asArray(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw mistyped(value, key, "non-array as array");
}

export function asObject(value: unknown, key: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw mistyped(value, key, "non-object as object");
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
