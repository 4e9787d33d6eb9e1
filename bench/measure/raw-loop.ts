import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { emptyModelConfig } from "../../src/config/read-model-config.js";
import { chooseSignature, readSavedModel } from "../../src/config/saved-model-signature.js";
import { tensorFlowBackendOptions } from "../../src/config/tensorflow-options.js";
import { type ExecutionPlan, tensorFlowPlans } from "../../src/config/tensorflow-plans.js";
import { findTensorflow } from "../../src/engine/find-tensorflow.js";
import { findTorch } from "../../src/engine/find-torch.js";
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

const root = fileURLToPath(new URL("../../", import.meta.url));
const tree = join(root, ".cache/bench-native");

/** Calls the engine from C++ in a loop, one call at a time, in a process without Node.js: what Tandem is measured against. */
export function rawLoop(options: RawLoopOptions): RawLoopResult {
  const { framework, seconds } = options;
  const args = framework === "tensorflow" ? tensorflowArguments(options) : torchArguments(options);
  const program = join(tree, "test/native", `${framework}_raw_loop`);
  const torchLibraries = framework === "torch" ? join(requireRuntime(findTorch()).directory, "lib") : "";
  const env = {
    ...process.env,
    TF_CPP_MIN_LOG_LEVEL: "2",
    TF_OVERRIDE_GLOBAL_THREADPOOL: "1",
    LD_LIBRARY_PATH: [torchLibraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
  const output = execFileSync(program, [...args, `--seconds=${seconds}`], {
    encoding: "utf8",
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output) as RawLoopResult;
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
  const targets = ["tensorflow_raw_loop", "tensorflow_plans", "torch_raw_loop"];
  const parallel = String(availableParallelism());
  for (const args of [
    ["-S", root, "-B", tree, ...settings],
    ["--build", tree, "--parallel", parallel, "--target", ...targets],
  ]) {
    execFileSync("cmake", args, { env, stdio: ["ignore", "ignore", "inherit"] });
  }
}

function tensorflowArguments({ network, shape, engineDefaults = false }: RawLoopOptions): string[] {
  const savedModel = join(madeModels("tensorflow"), `tf-${network}`);
  const config = emptyModelConfig();
  const { signature } = chooseSignature(
    readSavedModel(readFileSync(join(savedModel, "saved_model.pb"))),
    config,
  );
  const { plans, fallback } = tensorFlowPlans(config, tensorFlowBackendOptions(new Map()), {
    kind: "KIND_CPU",
    smallModel: network === "tiny", // as the engine finds for itself
    measurable: false,
    freezable: false,
  });
  const plan = plans[fallback] as ExecutionPlan;
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  return [
    `--library=${requireRuntime(findTensorflow()).library}`,
    `--saved-model=${savedModel}`,
    `--input=${signature.inputs[0]?.tensorName}=${shape}`,
    `--output=${signature.outputs[0]?.tensorName}`,
    ...(engineDefaults ? [] : [`--config=${hex(plan.config)}`, `--run-options=${hex(plan.runOptions)}`]),
  ];
}

function torchArguments({ network, shape }: RawLoopOptions): string[] {
  return [
    `--module=${join(madeModels("torch"), `torch-${network}.pt`)}`,
    `--input=${shape}`,
    ...(network === "tiny" ? ["--threads=1"] : []), // as the engine finds for itself
  ];
}
