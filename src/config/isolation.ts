import type { ModelConfig } from "./model-config.js";
import { parameterReader } from "./option-reader.js";
import { engineBackend } from "./python-platform.js";

const isolations = ["process", "none"] as const;
/** Where a model version runs: in a process of its own, or in the server's. */
export type Isolation = (typeof isolations)[number];

/**
 * The parameter `ISOLATION`, Tandem's own. Python models always have a process of their own; others have one if they
 * ask for it.
 *
 * @throws {ServingError} INVALID_ARGUMENT for another value, and where a Python model asks for `none`
 */
export function isolation(config: ModelConfig): Isolation {
  const isPython = engineBackend(config) === "python";
  const allowed: readonly Isolation[] = isPython ? ["process"] : isolations;
  const read = parameterReader(config, isPython ? "Python model" : "model");
  return read<Isolation>("ISOLATION", isPython ? "process" : "none", allowed.join(" or "), {
    parse: (text) => text as Isolation,
    isValid: (choice) => allowed.includes(choice),
  });
}
