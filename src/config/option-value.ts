import { invalidArgument } from "../inference/serving-error.js";

const truths = ["true", "on", "1", "yes"];
const falsehoods = ["false", "off", "0", "no"];

/** A model parameter or backend option as a boolean. Throws INVALID_ARGUMENT for anything but true/on/yes/1 and their opposites. */
export function parseBoolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (truths.includes(lower)) return true;
  if (falsehoods.includes(lower)) return false;
  throw invalidArgument(`failed to convert '${text}' to boolean`);
}

/** The number a text begins with, as a 32-bit integer. Throws INVALID_ARGUMENT if it begins with none. */
export function parseInteger(text: string): number {
  const digits = /^\s*([+-]?\d+)/.exec(text)?.[1];
  const value = Number(digits);
  if (digits === undefined || (value | 0) !== value) {
    throw invalidArgument(`failed to convert '${text}' to integral number`);
  }
  return value;
}

/** The number a text begins with. Throws INVALID_ARGUMENT if it begins with none. */
export function parseFloatingPoint(text: string): number {
  const value = Number.parseFloat(text);
  if (Number.isNaN(value)) throw invalidArgument(`failed to convert '${text}' to floating point number`);
  return value;
}
