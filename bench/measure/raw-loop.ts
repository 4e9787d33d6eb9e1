import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyModelConfig } from "../../src/config/read-model-config.js";
import { chooseSignature, readSavedModel } from "../../src/config/saved-model-signature.js";
import { tensorFlowBackendOptions } from "../../src/config/tensorflow-options.js";
import { type ExecutionPlan, tensorFlowPlans } from "../../src/config/tensorflow-plans.js";
import { torchParameters } from "../../src/config/torch-parameters.js";
import { torchPlans } from "../../src/config/torch-plans.js";
import { findTensorflow } from "../../src/engine/find-tensorflow.js";
import { findTorch } from "../../src/engine/find-torch.js";
import { threadsGain } from "../../src/engine/measured-sizes.js";
import { requireRuntime } from "../../src/engine/runtime.js";
import { managedVenv, tandemHome } from "../../src/engine/runtime-home.js";

import { type Framework, madeModels, type Network } from "./bench-model.js";

export interface RawLoopResult {
  readonly calls: number;
  readonly seconds: number;
  readonly median_us: number;
}

export interface RawLoopOptions {
  readonly framework: Framework;
  readonly network: Network;
  /** Batch dimension included. */
  readonly shape: readonly number[];
  readonly seconds: number;
  /** Leave TensorFlow its default session options in place of Tandem's. */
  readonly engineDefaults?: boolean;
}

export interface PlanLoopOptions {
  readonly framework: Framework;
  readonly network: Network;
  /** Of the input, -1 in the batch dimension. */
  readonly shape: readonly number[];
  readonly rows: number;
  /** Batch sizes for which the plan is chosen: 1, and a larger one if the model has batches. */
  readonly calibrated: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
}

export interface PlanLoopResult {
  readonly plan: string;
  readonly load_seconds: number;
  /** Median microseconds of a call, by round. */
  readonly plain_us: readonly number[];
  readonly chosen_us: readonly number[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const tree = join(root, ".cache/bench-native");

/** Calls the engine from C++ in a loop, one call at a time, in a process without Node.js: what Tandem is measured against. */
export function rawLoop(options: RawLoopOptions): RawLoopResult {
  const { framework, seconds } = options;
  const args = framework === "tensorflow" ? tensorflowArguments(options) : torchArguments(options);
  return run(`${framework}_raw_loop`, [...args, `--seconds=${seconds}`]);
}

/** Chooses an execution plan as at load, and calls the engine from C++ by that plan and by its own, in turns. */
export function planLoop(options: PlanLoopOptions): PlanLoopResult {
  const { framework, calibrated, rows, seconds, rounds } = options;
  return run(`${framework}_plans`, [
    ...(framework === "tensorflow" ? tensorflowPlanArguments(options) : torchPlanArguments(options)),
    `--calibrate=${calibrated}`,
    `--threads-gain=${threadsGain(1, availableParallelism())}`,
    `--rows=${rows}`,
    `--seconds=${seconds}`,
    `--rounds=${rounds}`,
  ]);
}

function tensorflowPlanArguments({ network, shape }: PlanLoopOptions): string[] {
  const { plans, fallback, freezingConfig } = tensorFlowPlans(
    emptyModelConfig(),
    tensorFlowBackendOptions(new Map()),
    { ...cpu(network), ...sizeOf(network) },
  );
  const flag = (value: boolean) => (value ? "1" : "0");
  return [
    ...modelArguments(network, shape),
    ...plans.map(
      ({ name, frozen, threads, config, runOptions }) =>
        `--plan=${[name, flag(frozen), flag(threads), hex(config), hex(runOptions)].join("/")}`,
    ),
    `--fallback=${fallback}`,
    `--freezing=${hex(freezingConfig)}`,
  ];
}

function torchPlanArguments({ network, shape }: PlanLoopOptions): string[] {
  const placement = { ...cpu(network), measurable: true, freezable: true };
  const { plans, fallback } = torchPlans("", torchParameters(emptyModelConfig()), placement);
  return [
    ...torchModelArguments(network, shape),
    ...plans.map(({ name, way, threads }) => `--plan=${[name, way, threads].join("/")}`),
    `--fallback=${fallback}`,
  ];
}

function run<Result>(program: string, args: readonly string[]): Result {
  const torch = program.startsWith("torch") ? join(requireRuntime(findTorch()).directory, "lib") : "";
  const env = {
    ...process.env,
    TF_CPP_MIN_LOG_LEVEL: "2",
    TF_OVERRIDE_GLOBAL_THREADPOOL: "1",
    LD_LIBRARY_PATH: [torch, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
  const output = execFileSync(join(tree, "test/native", program), args, {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output) as Result;
}

/** Compiles the programs of `bench/native`, optimised; what has not changed is not compiled again. */
export function buildRawLoops(): void {
  const torch = requireRuntime(findTorch());
  const tools = join(managedVenv(tandemHome()), "bin");
  const env = { ...process.env, PATH: [process.env.PATH, tools].join(delimiter) };
  const settings = [
    "-DTANDEM_ENGINE=tests",
    "-DCMAKE_BUILD_TYPE=Release",
    `-DTANDEM_TORCH_DIR=${torch.directory}`,
    `-DTANDEM_TORCH_CXX11_ABI=${torch.cxx11Abi ? 1 : 0}`,
  ];
  const targets = ["tensorflow_raw_loop", "tensorflow_plans", "torch_raw_loop", "torch_plans"];
  const parallel = String(availableParallelism());
  for (const args of [
    ["-S", root, "-B", tree, ...settings],
    ["--build", tree, "--parallel", parallel, "--target", ...targets],
  ]) {
    execFileSync("cmake", args, { env, stdio: ["ignore", "ignore", "inherit"] });
  }
}

function tensorflowArguments({ network, shape, engineDefaults = false }: RawLoopOptions): string[] {
  const { plans, fallback } = tensorFlowPlans(emptyModelConfig(), tensorFlowBackendOptions(new Map()), {
    ...cpu(network),
    measurable: "nothing",
    freezable: false,
  });
  const plan = plans[fallback] as ExecutionPlan;
  return [
    ...modelArguments(network, shape),
    ...(engineDefaults ? [] : [`--config=${hex(plan.config)}`, `--run-options=${hex(plan.runOptions)}`]),
  ];
}

/** As the engine finds for itself, see `tensorFlowModelSize`. */
function sizeOf(network: Network) {
  const isLarge = network === "resnet50";
  return { measurable: isLarge ? "in one session" : "in several sessions", freezable: !isLarge } as const;
}

/** As the engine finds for itself. */
function cpu(network: Network) {
  return { kind: "KIND_CPU", smallModel: network === "tiny" } as const;
}

function modelArguments(network: Network, shape: readonly number[]): string[] {
  const savedModel = join(madeModels("tensorflow"), `tf-${network}`);
  const metaGraphs = readSavedModel(readFileSync(join(savedModel, "saved_model.pb")));
  const { signature } = chooseSignature(metaGraphs, emptyModelConfig());
  return [
    `--library=${requireRuntime(findTensorflow()).library}`,
    `--saved-model=${savedModel}`,
    `--input=${signature.inputs[0]?.tensorName}=${shape}`,
    `--output=${signature.outputs[0]?.tensorName}`,
  ];
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function torchArguments({ network, shape }: RawLoopOptions): string[] {
  // As the engine finds for itself.
  return [...torchModelArguments(network, shape), ...(network === "tiny" ? ["--threads=1"] : [])];
}

function torchModelArguments(network: Network, shape: readonly number[]): string[] {
  return [`--module=${join(madeModels("torch"), `torch-${network}.pt`)}`, `--input=${shape}`];
}
