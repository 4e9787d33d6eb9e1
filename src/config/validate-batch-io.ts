import { invalidArgument } from "../inference/serving-error.js";
import type { BatchInput, BatchOutput, ModelConfig } from "./model-config.js";
import { sequenceControls } from "./sequence-controls.js";

/** Checks `batch_input` and `batch_output`: see {@link validate}. */
export function validateBatchIo(config: ModelConfig): void {
  const inputs = new Set([...config.input, ...sequenceControls(config)].map(({ name }) => name));
  for (const input of config.batchInput) {
    checkSource(config, "input", input);
    if (input.dataType !== "TYPE_INT32" && input.dataType !== "TYPE_FP32") {
      throw invalidArgument("batch input data type must be TYPE_INT32 or TYPE_FP32");
    }
    checkRows(config, input);
    if (input.targetName.length === 0) {
      throw invalidArgument(`batch input kind '${input.kind}' must specify 'target_name' for ${config.name}`);
    }
    const doubled = input.targetName.find((name) => inputs.has(name));
    if (doubled !== undefined) {
      throw invalidArgument(
        `batch input target name '${doubled}' is an input of the configuration too for ${config.name}`,
      );
    }
  }
  checkTargetsOnce(config.batchInput, "input");
  for (const output of config.batchOutput) checkBatchOutput(config, output);
  checkTargetsOnce(config.batchOutput, "output");
}

function checkSource(
  config: ModelConfig,
  direction: "input" | "output",
  { kind, sourceInput }: BatchInput | BatchOutput,
): void {
  if (sourceInput.length !== 1) {
    throw invalidArgument(
      `batch ${direction} kind '${kind}' expects 1 source input, got ${sourceInput.length}`,
    );
  }
  const [name] = sourceInput;
  if (config.input.some((input) => input.name === name)) return;
  throw invalidArgument(`unknown source input name '${name}'`);
}

/** What describes rows needs a batch dimension, or it would describe dimension 0 of the tensor itself. */
function checkRows({ name, maxBatchSize }: ModelConfig, { kind }: BatchInput): void {
  if (maxBatchSize > 0 || !kind.startsWith("BATCH_ITEM_SHAPE")) return;
  throw invalidArgument(`batch input kind '${kind}' needs 'max_batch_size' to be positive for ${name}`);
}

function checkBatchOutput(config: ModelConfig, batchOutput: BatchOutput): void {
  checkSource(config, "output", batchOutput);
  const source = config.input.find(({ name }) => name === batchOutput.sourceInput[0]);
  const sourceRank = (source?.reshape?.shape ?? source?.dims ?? []).length;
  for (const name of batchOutput.targetName) {
    const output = config.output.find((each) => each.name === name);
    if (output === undefined) throw invalidArgument(`unknown target output name '${name}'`);
    const lastVariable = (output.reshape?.shape ?? output.dims).lastIndexOf(-1);
    if (lastVariable < sourceRank) continue;
    throw invalidArgument(
      `batch output target '${name}' takes its variable dimension ${lastVariable} from input '${source?.name}', ` +
        `which has only ${sourceRank} dimensions, for ${config.name}`,
    );
  }
}

function checkTargetsOnce(
  all: readonly { readonly targetName: readonly string[] }[],
  direction: "input" | "output",
): void {
  const seen = new Set<string>();
  for (const name of all.flatMap(({ targetName }) => targetName)) {
    if (seen.has(name)) {
      throw invalidArgument(`target ${direction} name '${name}' can only be specified once`);
    }
    seen.add(name);
  }
}
