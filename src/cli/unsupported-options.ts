import { invalidArgument } from "../inference/serving-error.js";
import { defaultOptionValue, type OptionValue } from "./option-value.js";
import type { ServeOption } from "./serve-options.js";

/**
 * What to tell about options that are known but not offered.
 *
 * @param options those given on the command line
 * @returns a warning for each that is ignored
 * @throws {ServingError} INVALID_ARGUMENT for one that is refused
 */
export function unsupportedOptionWarnings(
  options: readonly ServeOption[],
  values: ReadonlyMap<string, OptionValue>,
): string[] {
  const warnings: string[] = [];
  for (const option of options) {
    const value = values.get(option.name);
    if (String(value) === String(defaultOptionValue(option))) continue;
    if (option.support === "refused" || option.notYet?.includes(String(value))) {
      throw invalidArgument(`--${option.name}=${value} is not supported yet (${option.help})`);
    }
    if (option.support === "ignored") warnings.push(`--${option.name} is ignored: ${option.help}`);
  }
  return warnings;
}
