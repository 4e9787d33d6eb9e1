import { join, relative, resolve } from "node:path";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { ModelConfig } from "./model-config.js";
import { parameterReader } from "./option-reader.js";
import { type OptionRule, parseBoolean, parseInteger } from "./option-value.js";

/** What the `parameters` of a `model.py` or TorchScript model say that runs in Python. */
export interface PythonParameters {
  /** `NUM_THREADS`: of one operation, at least 1. */
  readonly numThreads: number;
  /** `NUM_INTEROP_THREADS`: operations at the same time, at least 1. */
  readonly numInteropThreads: number;
  /** `TORCH_COMPILE`, Tandem's own: whether a module of `model.py` is compiled. */
  readonly compile: boolean;
  /** `TORCH_COMPILE_OPTIONAL_PARAMETERS`: keyword arguments of `torch.compile`, without `model`. */
  readonly compileOptions: Readonly<Record<string, unknown>>;
  /** `EXECUTION_ENV_PATH`: a Python environment's directory, or its conda-pack archive; absolute. */
  readonly executionEnvPath: string | undefined;
  /** `FORCE_CPU_ONLY_INPUT_TENSORS` */
  readonly forceCpuOnlyInputTensors: boolean;
  /** `FUNCTION`, Tandem's own: the function of `model.py` to serve in place of a `torch.nn.Module` class. */
  readonly function: string | undefined;
}

const positive: OptionRule<number> = { parse: parseInteger, isValid: (value) => value >= 1 };

/**
 * @param directory the model's, for `$$TRITON_MODEL_DIRECTORY`; absolute
 * @throws {ServingError} INVALID_ARGUMENT for a value that makes no sense, UNIMPLEMENTED for one of
 *   FORCE_CPU_ONLY_INPUT_TENSORS; names the parameter, what it has to be and what it is
 * @see Triton PyTorch backend, "PyTorch 2.0 Models"; Python backend, "Creating Custom Execution Environments"
 */
export function pythonParameters(config: ModelConfig, directory: string): PythonParameters {
  const read = parameterReader(config, "Python model");
  return {
    numThreads: read("NUM_THREADS", 1, "positive number", positive),
    numInteropThreads: read("NUM_INTEROP_THREADS", 1, "positive number", positive),
    compile: read("TORCH_COMPILE", true, "true/on/yes/1 or false/off/no/0", { parse: parseBoolean }),
    compileOptions: read(
      "TORCH_COMPILE_OPTIONAL_PARAMETERS",
      {},
      "JSON object of keyword arguments of torch.compile",
      { parse: parseCompileOptions },
    ),
    executionEnvPath: executionEnvPath(config, directory),
    forceCpuOnlyInputTensors: forceCpuOnlyInputTensors(config),
    function: read<string | undefined>("FUNCTION", undefined, "name of a function in model.py", {
      parse: (text) => text,
      isValid: (name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name ?? ""),
    }),
  };
}

/** `EXECUTION_ENV_PATH`, as {@link pythonParameters} reads it: SavedModels have it too. */
export function executionEnvPath(config: ModelConfig, directory: string): string | undefined {
  return parameterReader(config, "Python model")<string | undefined>(
    "EXECUTION_ENV_PATH",
    undefined,
    `path, of the model's directory where it begins with ${modelDirectoryVariable},`,
    { parse: (text) => environmentPath(text, directory) },
  );
}

function parseCompileOptions(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalidArgument(`'${text}' is not JSON: ${(error as Error).message}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument(`'${text}' is not a JSON object`);
  }
  if (Object.hasOwn(value, "model")) {
    throw invalidArgument("'model' is not an optional parameter for 'torch.compile'");
  }
  return value as Record<string, unknown>;
}

const modelDirectoryVariable = "$$TRITON_MODEL_DIRECTORY";

function environmentPath(text: string, directory: string): string {
  if (text === "") throw invalidArgument("it is empty");
  if (!text.startsWith(modelDirectoryVariable)) return resolve(text);
  const path = join(directory, text.slice(modelDirectoryVariable.length));
  if (relative(directory, path).split("/")[0] !== "..") return path;
  throw invalidArgument(`'${text}' leads out of '${directory}'`);
}

/** Other than every other boolean: two spellings, and a status of its own. */
function forceCpuOnlyInputTensors({ name, parameters }: ModelConfig): boolean {
  const text = parameters.FORCE_CPU_ONLY_INPUT_TENSORS?.stringValue ?? "yes";
  if (text === "yes" || text === "no") return text === "yes";
  throw new ServingError(
    Code.UNIMPLEMENTED,
    `parameter 'FORCE_CPU_ONLY_INPUT_TENSORS' must be yes or no for Python model '${name}', got '${text}'`,
  );
}
