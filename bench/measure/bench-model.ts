import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPython } from "../../test/support/python.js";

/** `aoti`: AOTInductor packages of torch's modules. */
export type Framework = "tensorflow" | "torch" | "aoti";
export type Network = "tiny" | "first" | "mlp" | "conv" | "resnet50";

/** Which of the models of make-models.py, and how it is configured. */
export interface BenchModel {
  readonly framework: Framework;
  readonly network: Network;
  /** 1: requests of one row and no batching at all. */
  readonly maxBatchSize: number;
  readonly dynamicBatching: boolean;
  /** In a process of its own. Default: in that of the trial. */
  readonly isolated?: boolean;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const maker = join(root, "bench/make-models.py");

const dims: Readonly<Record<Network, { input: readonly number[]; output: number }>> = {
  tiny: { input: [16], output: 4 },
  first: { input: [153600], output: 1024 },
  mlp: { input: [1024], output: 1024 },
  conv: { input: [3, 64, 64], output: 128 },
  resnet50: { input: [3, 224, 224], output: 1000 },
};

const artifacts: Readonly<
  Record<Framework, { platform: string; output: string; file: string; made: (network: Network) => string }>
> = {
  tensorflow: {
    platform: "tensorflow_savedmodel",
    output: "y",
    file: "model.savedmodel",
    made: (network) => `tf-${network}`,
  },
  torch: {
    platform: "pytorch_libtorch",
    output: "OUTPUT__0",
    file: "model.pt",
    made: (network) => `torch-${network}.pt`,
  },
  aoti: {
    platform: "torch_aoti",
    output: "OUTPUT__0",
    file: "model.pt2",
    made: (network) => `aoti-${network}.pt2`,
  },
};

export function inputName(framework: Framework): string {
  return framework === "tensorflow" ? "x" : "INPUT__0";
}

/** Without the batch dimension: images are channels-last in TensorFlow, channels-first in torch. */
export function inputDims({ framework, network }: BenchModel): readonly number[] {
  const { input } = dims[network];
  const [channels, ...size] = input;
  return framework === "tensorflow" && size.length > 0 ? [...size, channels as number] : input;
}

/** A model directory for this configuration, in a repository of its own or in `repository`. */
export function modelDirectory(model: BenchModel, repository = newRepository()): string {
  const { framework, network, maxBatchSize, dynamicBatching, isolated = false } = model;
  const directory = join(repository, `${framework}-${network}`);
  const { platform, output, file, made } = artifacts[framework];
  mkdirSync(join(directory, "1"), { recursive: true });
  symlinkSync(join(madeModels(framework), made(network)), join(directory, "1", file));
  const tensor = (name: string, dims: readonly number[]) =>
    `{ name: "${name}" data_type: TYPE_FP32 dims: [${dims}] }`;
  const config = [
    `platform: "${platform}"`,
    `max_batch_size: ${maxBatchSize}`,
    `input [ ${tensor(inputName(framework), inputDims(model))} ]`,
    `output [ ${tensor(output, [dims[network].output])} ]`,
    "instance_group [ { count: 1 kind: KIND_CPU } ]",
    ...(dynamicBatching ? ["dynamic_batching { }"] : []),
    ...(isolated ? ['parameters { key: "ISOLATION" value { string_value: "process" } }'] : []),
  ];
  writeFileSync(join(directory, "config.pbtxt"), `${config.join("\n")}\n`);
  return directory;
}

/** An empty repository, deleted when this process ends. */
export function newRepository(): string {
  const path = mkdtempSync(join(tmpdir(), "tandem-bench-"));
  process.once("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Folder with all models of a framework, made if it is not there. */
export function madeModels(framework: Framework): string {
  const hash = createHash("sha256").update(readFileSync(maker)).digest("hex").slice(0, 12);
  const place = join(root, ".cache/bench-models", `${framework}-${hash}`);
  if (!existsSync(place)) {
    mkdirSync(dirname(place), { recursive: true });
    const unfinished = mkdtempSync(`${place}.`);
    runPython(maker, [framework, unfinished]);
    renameSync(unfinished, place);
  }
  return place;
}
