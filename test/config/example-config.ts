import type { ModelConfig } from "../../src/config/model-config.js";
import { readModelConfig } from "../../src/config/read-model-config.js";

/** A configuration from text, named `m` unless the text names it. */
export function configOf(text: string): ModelConfig {
  const config = readModelConfig(text, "config.pbtxt");
  return config.name === "" ? { ...config, name: "m" } : config;
}
