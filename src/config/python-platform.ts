import type { ModelConfig } from "./model-config.js";

/** What Tandem runs for `backend: "python"`, named by the `platform` that asks for it. */
export type PythonPlatform = "tensorflow_savedmodel" | "pytorch";

const platforms: readonly string[] = ["tensorflow_savedmodel", "pytorch"] satisfies PythonPlatform[];

/**
 * Which of them a configuration asks for; undefined for other models. The PyTorch backend's `runtime: "model.py"` is a second
 * spelling of `pytorch`.
 *
 * @see Triton PyTorch backend, "PyTorch 2.0 Models"
 */
export function pythonPlatform({ backend, platform, runtime }: ModelConfig): PythonPlatform | undefined {
  if (backend === "python" && platforms.includes(platform)) return platform as PythonPlatform;
  return backend === "pytorch" && runtime === "model.py" ? "pytorch" : undefined;
}

/** The backend whose engine runs the model, and whose options are its: `python` for both spellings. */
export function engineBackend(config: ModelConfig): string {
  return pythonPlatform(config) === undefined ? config.backend : "python";
}
