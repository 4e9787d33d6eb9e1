import { invalidArgument } from "../inference/serving-error.js";
import type { ModelConfig } from "./model-config.js";

export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/**
 * Decides platform, backend and default file name where the configuration leaves them out.
 *
 * @param modelName name of the model's directory; fills an empty `name`
 * @param content of the lexicographically first sub-directory of the model's directory ("10" before "2")
 * @throws {ServingError} INVALID_ARGUMENT if the model's name is another, if platform and backend do not belong
 * together, or if nothing says what the model is
 * @see Triton model configuration, "Name, Platform and Backend"
 */
export function fillPlatform(
  config: ModelConfig,
  modelName: string,
  content: readonly DirectoryEntry[],
): ModelConfig {
  if (config.name !== "" && config.name !== modelName) {
    throw invalidArgument(
      `unexpected directory name '${modelName}' for model '${config.name}', directory name must equal model name`,
    );
  }
  const named = { ...config, name: modelName };
  const filled = fillTensorFlow(named, content) ?? fillTorch(named, content) ?? fillPython(named, content);
  const whole = filled ?? fillFromName(named);
  checkPair(whole);
  return Object.freeze(whole);
}

const savedModel = { platform: "tensorflow_savedmodel", file: "model.savedmodel", isDirectory: true };
const graphDef = { platform: "tensorflow_graphdef", file: "model.graphdef", isDirectory: false };
const torchScript = { platform: "pytorch_libtorch", file: "model.pt", isDirectory: false };
const aotInductor = { platform: "torch_aoti", file: "model.pt2", isDirectory: false };

type Artifact = typeof savedModel;

/** PyTorch models with this `runtime` have a `model.py` or a TorchScript file: each version's directory tells. */
const pythonRuntime = "model.py";

function fillTensorFlow(config: ModelConfig, content: readonly DirectoryEntry[]): ModelConfig | undefined {
  const { platform, backend } = config;
  if (platform === "" && (backend === "" || backend === "tensorflow")) {
    // A frozen graph wins if both are there.
    const artifact = named(config, [savedModel, graphDef]) ?? found(config, [graphDef, savedModel], content);
    return artifact && withArtifact(config, "tensorflow", artifact);
  }
  const artifact = [savedModel, graphDef].find((one) => one.platform === platform);
  if (!artifact || (backend !== "" && backend !== "tensorflow")) return undefined;
  return withArtifact(config, "tensorflow", artifact);
}

function fillTorch(config: ModelConfig, content: readonly DirectoryEntry[]): ModelConfig | undefined {
  const { platform, backend } = config;
  if (backend !== "" && backend !== "pytorch") return undefined;
  if (platform === "pytorch_libtorch" || platform === "libtorch")
    return withArtifact(config, "pytorch", torchScript);
  if (platform === "torch_aoti") return withArtifact(config, "pytorch", aotInductor);
  if (platform !== "") return undefined;
  const artifacts = config.runtime === pythonRuntime ? [torchScript] : [torchScript, aotInductor];
  const artifact = named(config, artifacts) ?? found(config, artifacts, content);
  if (artifact) return withArtifact(config, "pytorch", artifact);
  return backend === "pytorch" ? withArtifact(config, "pytorch", torchScript) : undefined;
}

function fillPython(config: ModelConfig, content: readonly DirectoryEntry[]): ModelConfig | undefined {
  const hasFile = content.some(({ name, isDirectory }) => name === "model.py" && !isDirectory);
  const isPython =
    config.backend === "python" || (config.backend === "" && config.platform === "" && hasFile);
  if (!isPython) return undefined;
  return {
    ...config,
    backend: "python",
    defaultModelFilename: config.defaultModelFilename || pythonFile(config.platform, content),
  };
}

/** "" where it is for each version to tell. */
function pythonFile(platform: string, content: readonly DirectoryEntry[]): string {
  if (platform === savedModel.platform) return savedModel.file;
  if (platform !== "pytorch") return "model.py";
  const isThere = (file: string) => content.some(({ name, isDirectory }) => name === file && !isDirectory);
  return ["model.py", torchScript.file].find(isThere) ?? "";
}

/** `model.<backend>` as the model's name selects a backend. */
function fillFromName(config: ModelConfig): ModelConfig {
  if (config.backend !== "" || config.platform === "ensemble") return config;
  const backend = /\.([^.]+)$/.exec(config.name)?.[1];
  if (config.platform === "" && backend !== undefined) return { ...config, backend };
  if (config.platform !== "") {
    throw invalidArgument(`unexpected platform type '${config.platform}' for ${config.name}`);
  }
  throw invalidArgument(
    `Invalid model name: Could not determine backend for model '${config.name}' with no backend in model configuration. ` +
      "Expected model name of the form 'model.<backend_name>'.",
  );
}

/** The artifact whose usual name `default_model_filename` gives. */
function named(config: ModelConfig, artifacts: readonly Artifact[]): Artifact | undefined {
  return artifacts.find(({ file }) => file === config.defaultModelFilename);
}

/** The first artifact that is there. A file name of the user's own says nothing, and is not looked for here. */
function found(
  config: ModelConfig,
  artifacts: readonly Artifact[],
  content: readonly DirectoryEntry[],
): Artifact | undefined {
  if (config.defaultModelFilename !== "") return undefined;
  return artifacts.find(({ file, isDirectory }) =>
    content.some((entry) => entry.name === file && entry.isDirectory === isDirectory),
  );
}

function withArtifact(config: ModelConfig, backend: string, { platform, file }: Artifact): ModelConfig {
  const isPythonRuntime = config.runtime === pythonRuntime;
  return {
    ...config,
    backend,
    platform,
    defaultModelFilename: config.defaultModelFilename || (isPythonRuntime ? "" : file),
  };
}

const platformsOf: Readonly<Record<string, readonly string[]>> = {
  tensorflow: [savedModel.platform, graphDef.platform],
  pytorch: [torchScript.platform, aotInductor.platform],
};

function checkPair({ name, platform, backend }: ModelConfig): void {
  if (backend === "" && platform === "") {
    throw invalidArgument(`must specify 'platform' or 'backend' for '${name}'`);
  }
  const platforms = platformsOf[backend];
  if (platforms === undefined) return;
  if (!platforms.includes(platform)) {
    throw invalidArgument(`unexpected 'platform' and 'backend' pair, got:${platform}, ${backend}`);
  }
}
