import type { ModelConfig } from "./model-config.js";

/** What Tandem runs for `backend: "python"`, named by the `platform` that asks for it. */
export type PythonPlatform = "tensorflow_savedmodel" | "pytorch";

export const pythonPlatforms: readonly PythonPlatform[] = ["tensorflow_savedmodel", "pytorch"];

/**
 * Which of them a configuration asks for; undefined for other models. The PyTorch backend's `runtime: "model.py"` is a second
 * spelling of `pytorch`.
 *
 * @see Triton PyTorch backend, "PyTorch 2.0 Models"
 */
export function pythonPlatform({ backend, platform, runtime }: ModelConfig): PythonPlatform | undefined {
  if (backend === "python") return pythonPlatforms.find((one) => one === platform);
  const isModule = backend === "pytorch" && platform !== "torch_aoti" && runtime === "model.py";
  return isModule ? "pytorch" : undefined;
}

/** The backend whose engine runs the model, and whose options are its: `python` for both spellings. */
export function engineBackend(config: ModelConfig): string {
  return pythonPlatform(config) === undefined ? config.backend : "python";
}

/** The backend whose framework computes: of a Python platform, `tensorflow` or `pytorch`. */
export function frameworkBackend(config: ModelConfig): string {
  const platform = pythonPlatform(config);
  if (platform === undefined) return config.backend;
  return platform === "tensorflow_savedmodel" ? "tensorflow" : platform;
}
