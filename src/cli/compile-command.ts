import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { bindLeaves } from "../config/aoti-naming.js";
import { checkPackageOutput } from "../config/check-aoti-package.js";
import { pythonDataTypes } from "../config/check-python-config.js";
import { checkTorchTensors } from "../config/check-torch-config.js";
import { dataTypeName } from "../config/data-type-name.js";
import type { ModelConfig } from "../config/model-config.js";
import { readModelConfig } from "../config/read-model-config.js";
import { findPython, requirePython } from "../engine/find-python.js";
import { findTorch } from "../engine/find-torch.js";
import { modelTensors } from "../engine/model-tensors.js";
import { invalidArgument } from "../inference/serving-error.js";
import { type ModelDirectory, readModelDirectory } from "../model/model-directory.js";
import { type CompiledModel, compileModel } from "./compile-model.js";

interface Flags {
  readonly version?: string;
  readonly input?: string;
  readonly output?: string;
  readonly overwrite: boolean;
  readonly device?: string;
}

export function compileCommand(): Command {
  return new Command("compile")
    .description(
      "compile a PyTorch model's module (model.py) or exported program to an AOTInductor package, model.pt2",
    )
    .argument("<model directory>", "with config.pbtxt and a directory for each version")
    .option("--version <number>", "of the model; default: the highest")
    .option("--input <file>", "what to compile; default: model.py, exported.pt2 or model.pt2 of the version")
    .option("--output <file>", "the package to write; default: model.pt2 of the version")
    .option("--overwrite", "replace the package if it is there", false)
    .option("--device <device>", "cpu or cuda; default: what the configuration's first instance group has")
    .action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
  const directory = await readModelDirectory(path);
  const config = await readConfig(directory);
  checkTorchTensors(config, pythonDataTypes);
  const version = join(directory.path, String(chosenVersion(directory, flags.version)));
  const output = resolve(flags.output ?? join(version, "model.pt2"));
  const source = flags.input === undefined ? findSource(version) : resolve(flags.input);
  checkFiles(source, output, flags.overwrite);
  const device = flags.device ?? (config.instanceGroup[0]?.kind === "KIND_GPU" ? "cuda" : "cpu");
  const started = performance.now();
  const compiled = await compileModel({
    config,
    source,
    output,
    device,
    python: requirePython(findPython()),
    onStage: (stage) => process.stderr.write(`${config.name}: ${stage} ...\n`),
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  const lines = [
    `compiled ${source}\n      to ${output}\n     for ${device} with PyTorch ${compiled.torchVersion} in ${seconds} s`,
    `takes ${compiled.inputs.join(", ")}`,
    ...compiled.outputs.map(
      ({ name, datatype, shape }) =>
        `gives ${name}  ${datatype ?? "of a type that is not served"}  [${shape}]`,
    ),
    `weights ${describeWeights(compiled)}`,
    `differs from the model by ${compiled.difference} at most`,
    ...advice(config, compiled),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function describeWeights({ packedWeightsGain: gain }: CompiledModel): string {
  return gain > 1
    ? `laid out for the processor, which is ${gain.toFixed(2)} times as fast as not`
    : "as they are in the model";
}

async function readConfig({ name, configPath, path }: ModelDirectory): Promise<ModelConfig> {
  if (configPath === undefined) {
    throw invalidArgument(
      `'${path}' has no config.pbtxt: compiling needs the names, data types and dims of inputs and outputs`,
    );
  }
  const config = readModelConfig(await readFile(configPath, "utf8"), configPath);
  return { ...config, name: config.name || name };
}

function chosenVersion({ name, path, versions }: ModelDirectory, wanted: string | undefined): number {
  const version = wanted === undefined ? versions.at(-1) : Number(wanted);
  if (version !== undefined && versions.includes(version)) return version;
  throw invalidArgument(
    `model '${name}' has no ${wanted === undefined ? "version" : `version ${wanted}`}: in '${path}' are ` +
      `${versions.join(", ") || "none"}`,
  );
}

const sourceNames = ["model.py", "exported.pt2", "model.pt2"];

function findSource(version: string): string {
  const found = sourceNames.map((name) => join(version, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw invalidArgument(
    `nothing to compile in '${version}': expected model.py with a class that extends torch.nn.Module, or a program ` +
      "that torch.export.save wrote, exported.pt2 or model.pt2",
  );
}

function checkFiles(source: string, output: string, overwrite: boolean): void {
  if (!existsSync(source)) throw invalidArgument(`there is no '${source}' to compile`);
  if (!output.endsWith(".pt2")) throw invalidArgument(`--output must end in .pt2, got '${output}'`);
  if (!existsSync(dirname(output))) throw invalidArgument(`there is no directory '${dirname(output)}'`);
  if (overwrite || !existsSync(output)) return;
  const what = source === output ? "is the program to compile itself" : "is there already";
  throw invalidArgument(
    `'${output}' ${what}: --overwrite replaces it, --output FILE writes to another place`,
  );
}

/**
 * What the configuration has to say to serve the package.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the outputs are not what it says
 */
function advice(config: ModelConfig, compiled: CompiledModel): string[] {
  const inputs = placed(config, "input", compiled.inputs);
  const outputNames = compiled.outputs.map(({ name }) => name);
  const outputs = placed(config, "output", outputNames);
  for (const [i, { name, datatype, shape }] of modelTensors(config).outputs.entries()) {
    const given = compiled.outputs[outputs[i] as number];
    if (given === undefined) continue;
    const dataType = given.datatype === undefined ? undefined : dataTypeName(given.datatype);
    checkPackageOutput(
      config,
      { name, dataType: dataTypeName(datatype), shape },
      { dataType, shape: given.shape },
    );
  }
  const renamed = (direction: "input" | "output", places: readonly number[], leaves: readonly string[]) =>
    config[direction].flatMap(({ name }, i) => {
      const leaf = leaves[places[i] as number];
      const isKnown = leaf === name || name === `${direction.toUpperCase()}__${places[i]}`;
      return isKnown ? [] : [`${direction} { name: "${leaf}" … } in place of "${name}"`];
    });
  const changes = [
    ...(config.platform === "torch_aoti" ? [] : ['platform: "torch_aoti"']),
    ...(["", "pytorch"].includes(config.backend) ? [] : ['backend: "pytorch"']),
    ...(config.runtime === "" ? [] : [`no runtime, in place of "${config.runtime}"`]),
    ...(["", "model.pt2"].includes(config.defaultModelFilename)
      ? []
      : [`no default_model_filename, in place of "${config.defaultModelFilename}"`]),
    ...renamed("input", inputs, compiled.inputs),
    ...renamed("output", outputs, outputNames),
  ];
  const here = findTorch().runtime?.version;
  const minor = (version: string) => version.split(".").slice(0, 2).join(".");
  return [
    ...(changes.length === 0
      ? []
      : ["", "to serve it, config.pbtxt has to say", ...changes.map((line) => `  ${line}`)]),
    ...(here === undefined || minor(here) === minor(compiled.torchVersion)
      ? []
      : ["", `warning: models are served with PyTorch ${here} here, which refuses this package`]),
  ];
}

/** Which leaf each configured tensor is: by its name where all names are ones of the package, else by its place. */
function placed(
  config: ModelConfig,
  direction: "input" | "output",
  leaves: readonly string[],
): readonly number[] {
  const names = config[direction].map(({ name }) => name);
  try {
    return bindLeaves(config.name, direction, names, leaves);
  } catch {
    if (direction === "input" ? names.length === leaves.length : names.length <= leaves.length) {
      return names.map((_, i) => i);
    }
  }
  throw invalidArgument(
    `model '${config.name}': the configuration has ${names.length} ${direction}s, the model has ${leaves.length}: ` +
      leaves.join(", "),
  );
}
