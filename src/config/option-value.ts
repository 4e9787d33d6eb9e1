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

/** A 32-bit integer. Throws INVALID_ARGUMENT for anything else; other than Triton also for text behind the number. */
export function parseInteger(text: string): number {
  const value = Number(text);
  if (!/^\s*[+-]?\d+\s*$/.test(text) || (value | 0) !== value) {
    throw invalidArgument(`failed to convert '${text}' to integral number`);
  }
  return value;
}

/** An integer of up to 53 bits. Throws INVALID_ARGUMENT for anything else; other than Triton also for text behind the number. */
export function parseLongInteger(text: string): number {
  const value = Number(text);
  if (!/^\s*[+-]?\d+\s*$/.test(text) || !Number.isSafeInteger(value)) {
    throw invalidArgument(`failed to convert '${text}' to long long integral number`);
  }
  return value;
}

/** A finite decimal number. Throws INVALID_ARGUMENT for anything else; other than Triton also for text behind the number. */
export function parseFloatingPoint(text: string): number {
  const value = Number(text);
  if (!/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text) || !Number.isFinite(value)) {
    throw invalidArgument(`failed to convert '${text}' to floating point number`);
  }
  return value;
}

/** What an option has to be, and how its text is read. */
export interface OptionRule<T> {
  readonly parse: (text: string) => T;
  readonly isValid?: (value: T) => boolean;
}

/**
 * An option's value.
 *
 * @param demand names the option and says what it has to be; the error begins with it and ends with what was given
 * @throws {ServingError} INVALID_ARGUMENT
 */
export function readOption<T>(text: string, demand: string, { parse, isValid }: OptionRule<T>): T {
  let value: T;
  try {
    value = parse(text);
  } catch (error) {
    throw invalidArgument(`${demand}: ${(error as Error).message}`);
  }
  if (isValid === undefined || isValid(value)) return value;
  throw invalidArgument(`${demand}, got '${text}'`);
}
