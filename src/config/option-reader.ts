import type { ModelConfig } from "./model-config.js";
import { type OptionRule, readOption } from "./option-value.js";

/**
 * Reads one option.
 *
 * @param otherwise its value where it is not given
 * @param demand what it has to be, for the error
 * @throws {ServingError} INVALID_ARGUMENT; names the option, what it has to be and what it is
 */
export type OptionReader = <T>(key: string, otherwise: T, demand: string, rule: OptionRule<T>) => T;

/** Reads a model's `parameters`. `whose` is what the backend calls its models: `TensorFlow model`. */
export function parameterReader({ name, parameters }: ModelConfig, whose: string): OptionReader {
  return (key, otherwise, demand, rule) => {
    const text = parameters[key]?.stringValue;
    if (text === undefined) return otherwise;
    return readOption(text, `parameter '${key}' must be ${demand} for ${whose} '${name}'`, rule);
  };
}

/** Reads `--backend-config=BACKEND,...`; `settings` as `backendSettings` gives them. */
export function backendOptionReader(backend: string, settings: ReadonlyMap<string, string>): OptionReader {
  return (key, otherwise, demand, rule) => {
    const text = settings.get(key);
    if (text === undefined) return otherwise;
    return readOption(text, `--backend-config=${backend},${key} must be ${demand}`, rule);
  };
}
