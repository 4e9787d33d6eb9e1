import { invalidArgument } from "../../inference/serving-error.js";
import type { Tensor } from "../../inference/tensor.js";

/**
 * A tensor's elements as a flat JSON array. Floats are written as the double they equal, 64-bit integers with all
 * their digits; NaN and infinities as `NaN`, `Infinity` and `-Infinity`, which strict JSON does not have.
 *
 * This file is the seam for a native writer of large arrays: same argument, same text.
 *
 * @throws {ServingError} INVALID_ARGUMENT for FP16 and BF16
 */
export function writeJsonTensor(tensor: Tensor): string {
  switch (tensor.datatype) {
    case "FP16":
    case "BF16":
      throw invalidArgument(
        `sending ${tensor.datatype} data via JSON is not supported. Please use the binary data format for output`,
      );
    case "FP32":
    case "FP64":
      return writeFloats(tensor.data as Float32Array | Float64Array);
    case "BOOL":
      return writeBooleans(tensor.bytes);
    case "BYTES":
      return JSON.stringify(tensor.toStrings());
    default:
      return `[${(tensor.data as Int32Array).join(",")}]`;
  }
}

function writeFloats(values: Float32Array | Float64Array): string {
  let text = "[";
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ",";
    text += formatDouble(values[i] as number);
  }
  return `${text}]`;
}

/** The shortest digits that read back as the same double, always with a fraction or an exponent: `1.0`, `1e30`. */
export function formatDouble(value: number): string {
  if (!Number.isInteger(value)) return value < 1e-6 && value > -1e-6 ? shortExponent(value) : `${value}`;
  if (value >= 1e21 || value <= -1e21) return shortExponent(value);
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  return `${value}.0`;
}

function shortExponent(value: number): string {
  return `${value}`.replace("e+", "e");
}

function writeBooleans(bytes: Uint8Array): string {
  const words: string[] = [];
  for (const byte of bytes) words.push(byte === 0 ? "false" : "true");
  return `[${words.join(",")}]`;
}
