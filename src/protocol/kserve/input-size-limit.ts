import { invalidArgument, type ServingError } from "../../inference/serving-error.js";

/** Bytes that a request's JSON, a JSON tensor, a raw request or a decompressed body may have: `--http-max-input-size`. */
export const defaultMaxInputSize = 64 * 1024 * 1024;

const hint = "Use --http-max-input-size to increase the limit.";

export function jsonTooLarge(byteSize: number, limit: number): ServingError {
  return invalidArgument(
    `request JSON size of ${byteSize} bytes exceeds the maximum allowed input size of ${limit} bytes. ${hint}`,
  );
}

export function jsonInputTooLarge(input: string, byteSize: number | bigint, limit: number): ServingError {
  return invalidArgument(
    `JSON input '${input}' has a byte_size (${byteSize} bytes) that exceeds the maximum allowed value of ${limit} bytes. ${hint}`,
  );
}

export function rawInputTooLarge(byteSize: number, limit: number): ServingError {
  return invalidArgument(
    `Raw input has a byte_size (${byteSize} bytes) that exceeds the maximum allowed value of ${limit} bytes. ${hint}`,
  );
}

export function decompressedTooLarge(limit: number): ServingError {
  return invalidArgument(
    `Decompressed data size exceeds the maximum allowed value of ${limit} bytes. ${hint}`,
  );
}
