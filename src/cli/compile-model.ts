import { spawn } from "node:child_process";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { readCallSpec } from "../config/aoti-naming.js";
import type { ModelConfig } from "../config/model-config.js";
import { packageRoot } from "../engine/addon-build.js";
import { modelTensors } from "../engine/model-tensors.js";
import { type Datatype, datatypeByNumber, datatypeNumber } from "../inference/datatype.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";

export interface CompileJob {
  /** Normalised. */
  readonly config: ModelConfig;
  /** The file with the module or the program; absolute. */
  readonly source: string;
  /** The package to write; absolute. */
  readonly output: string;
  readonly device: string;
  readonly python: string;
  /** Told of each step when it begins: `exporting`. */
  readonly onStage: (stage: string) => void;
}

/** What was compiled. */
export interface CompiledModel {
  readonly torchVersion: string;
  /** How many times as fast it is for having its weights laid out for the processor; 1: they are not. */
  readonly packedWeightsGain: number;
  /** The largest difference of an element of a result from what the model itself gave. */
  readonly difference: number;
  /** Names of the package's inputs and results, in its order. */
  readonly inputs: readonly string[];
  readonly outputs: readonly {
    readonly name: string;
    readonly datatype: Datatype | undefined;
    readonly shape: readonly number[];
  }[];
}

/**
 * Compiles a model to an AOTInductor package by a Python with torch, and puts it in its place when it is whole and gives what
 * the model gives.
 *
 * @throws {ServingError} INVALID_ARGUMENT with the reasons of PyTorch's exporter or compiler; INTERNAL if Python ends
 *   without saying any
 */
export async function compileModel(job: CompileJob): Promise<CompiledModel> {
  // The compiler takes no other ending, and a name that begins with a dot is no version's file.
  const unfinished = join(dirname(job.output), `.${basename(job.output, ".pt2")}.${process.pid}.pt2`);
  try {
    const result = await runCompiler(job, unfinished);
    await rename(unfinished, job.output);
    return result;
  } finally {
    await rm(unfinished, { force: true });
  }
}

interface CompilerResult {
  readonly torchVersion: string;
  readonly packedWeightsGain: number;
  readonly difference: number;
  readonly arguments: string;
  readonly results: string;
  readonly outputs: readonly { readonly dataType: number; readonly shape: readonly number[] }[];
}

type CompilerMessage =
  | { readonly stage: string }
  | { readonly error: string }
  | { readonly result: CompilerResult };

async function runCompiler(job: CompileJob, output: string): Promise<CompiledModel> {
  const { config, source, device, python, onStage } = job;
  const request = {
    modelName: config.name,
    source,
    output,
    device,
    maxBatchSize: config.maxBatchSize,
    inputs: callInputs(config),
  };
  const child = spawn(python, [join(packageRoot, "python", "compile_model.py")], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  ended.catch(() => {}); // it is awaited below, when there is nothing more to read
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  child.stdin.on("error", () => {}); // it ended before it read: its log says why
  child.stdin.end(JSON.stringify(request));
  let outcome: CompilerMessage | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = JSON.parse(line) as CompilerMessage;
    if ("stage" in message) onStage(message.stage);
    else outcome = message;
  }
  const code = await ended;
  if (outcome !== undefined && "result" in outcome) return compiled(outcome.result);
  if (outcome !== undefined && "error" in outcome) {
    throw invalidArgument(`model '${config.name}' ${told(outcome.error)}`);
  }
  throw new ServingError(
    Code.INTERNAL,
    `compiling model '${config.name}' ended with ${code}:\n${log.trimEnd().split("\n").slice(-30).join("\n")}`,
  );
}

/** `cannot be exported: …` continues a sentence; what is no sentence stands for itself. */
function told(error: string): string {
  return error.startsWith("cannot be ") ? error : `cannot be compiled: ${error}`;
}

function compiled(result: CompilerResult): CompiledModel {
  const { torchVersion, packedWeightsGain, difference } = result;
  const { inputs, outputs } = readCallSpec(result.arguments, result.results);
  return {
    torchVersion,
    packedWeightsGain,
    difference,
    inputs,
    outputs: result.outputs.map(({ dataType, shape }, i) => ({
      name: outputs[i] as string,
      datatype: datatypeByNumber[dataType],
      shape,
    })),
  };
}

interface CallInput {
  readonly name: string;
  readonly dataType: number;
  readonly dims: readonly number[];
  /** undefined: by position. */
  readonly keyword: string | null;
}

/**
 * How `forward` is called with the configured inputs: by the position or keyword that every name gives
 * (`ARGS[0]`, `INPUT__0`, `KWARGS[mask]`), else in configuration order.
 */
function callInputs(config: ModelConfig): CallInput[] {
  const { inputs, batchInputs } = modelTensors(config);
  if (batchInputs.length > 0) {
    throw invalidArgument(
      `model '${config.name}' cannot be compiled: for its batch_input only you can say what an example of it is; export it ` +
        "yourself, and compile the program",
    );
  }
  const places = inputs.map(({ name }) => {
    const position = /^(?:ARGS\[(\d+)\]|INPUT__(\d+))$/.exec(name);
    const keyword = /^KWARGS\[([^[\]]+)\]$/.exec(name)?.[1];
    return { position: position && Number(position[1] ?? position[2]), keyword: keyword ?? null };
  });
  const calls = inputs.map(({ name, datatype, shape = [] }, i) => ({
    name,
    dataType: datatypeNumber(datatype),
    dims: shape,
    keyword: places[i]?.keyword ?? null,
    position: places[i]?.position ?? null,
  }));
  const isPlaced = calls.every(({ position, keyword }) => position !== null || keyword !== null);
  if (!isPlaced) return calls.map((call) => ({ ...call, keyword: null }));
  const last = calls.length;
  return calls.sort((a, b) => (a.position ?? last) - (b.position ?? last));
}
