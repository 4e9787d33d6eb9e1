import { invalidArgument } from "../inference/serving-error.js";

/** Settings of `--backend-config`, by backend name; those for every backend are under "". */
export type BackendConfig = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Reads the values of `--backend-config`: `backend,key=value` for one backend, `key=value` for all.
 * A later value for the same key wins.
 *
 * @throws {ServingError} INVALID_ARGUMENT if a value has no key or no `=`
 */
export function parseBackendConfig(values: readonly string[]): BackendConfig {
  const settings = new Map<string, Map<string, string>>();
  for (const value of values) {
    const match = /^(?:([^,=]*),)?([^,=]+)=(.*)$/s.exec(value);
    if (!match) {
      throw invalidArgument(
        `--backend-config option format is '<backend name>,<setting>=<value>'. Got ${value}`,
      );
    }
    const [, backend = "", key = "", text = ""] = match;
    if (!settings.has(backend)) settings.set(backend, new Map());
    settings.get(backend)?.set(key, text);
  }
  return settings;
}

/** The settings one backend sees: its own over those for every backend. */
export function backendSettings(config: BackendConfig, backend: string): ReadonlyMap<string, string> {
  return new Map([...(config.get("") ?? []), ...(config.get(backend) ?? [])]);
}

/** Largest batch that auto-complete gives a model that can be batched, if its configuration says nothing. */
export const defaultMaxBatchSize = 4;
