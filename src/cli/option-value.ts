import type { ServeOption } from "./serve-options.js";

export type OptionValue = boolean | number | string | readonly string[] | undefined;

/**
 * An option's value from its text.
 *
 * @param previous value so far, for options that may be repeated
 * @throws {RangeError} saying what would be right
 */
export function parseOptionValue(option: ServeOption, text: string, previous?: OptionValue): OptionValue {
  switch (option.kind) {
    case "flag":
    case "boolean":
      return parseBoolean(text);
    case "integer":
      return text === "" ? undefined : parseInteger(option, text);
    case "level":
      return /^(?:true|false|on|off)$/i.test(text) ? Number(parseBoolean(text)) : parseInteger(option, text);
    case "text":
      if (option.choices !== undefined && !option.choices.includes(text)) {
        throw new RangeError(`expected ${option.choices.join(" or ")}`);
      }
      return text;
    case "list":
      return [...((previous ?? []) as readonly string[]), text];
  }
}

/** The value of an option that is not given. */
export function defaultOptionValue(option: ServeOption): OptionValue {
  if (option.kind === "flag") return false;
  if (option.kind === "list") return [];
  return parseOptionValue(option, option.default);
}

/** `true`, `on` and `1`; `false`, `off` and `0`; in any case. */
function parseBoolean(text: string): boolean {
  if (/^(?:true|on|1)$/i.test(text)) return true;
  if (/^(?:false|off|0)$/i.test(text)) return false;
  throw new RangeError("expected true or false");
}

function parseInteger({ range = [-Infinity, Infinity] }: ServeOption, text: string): number {
  const value = Number(text);
  if (!/^[+-]?[0-9]+$/.test(text) || !Number.isSafeInteger(value))
    throw new RangeError("expected an integer");
  const [least, most] = range;
  if (value < least || value > most) {
    throw new RangeError(
      most === Number.MAX_SAFE_INTEGER ? `expected at least ${least}` : `expected ${least} to ${most}`,
    );
  }
  return value;
}
