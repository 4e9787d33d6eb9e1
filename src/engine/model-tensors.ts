import { batchInputKindNumbers, batchInputTensors } from "../config/batch-inputs.js";
import { batchOutputOf } from "../config/batch-outputs.js";
import { datatypeOf } from "../config/data-type-name.js";
import type { ModelConfig, ModelInput, ModelOutput } from "../config/model-config.js";
import { sequenceControls } from "../config/sequence-controls.js";
import type { Datatype } from "../inference/datatype.js";
import type { TensorSpec } from "./engine-model.js";
import { type NativeBatchInput, type NativeTensorSpec, nativeTensorSpec } from "./native-addon.js";
import type { Scatter } from "./scatter-output.js";

/** What a model takes and gives as its framework sees it. */
export interface ModelTensors {
  /** What requests bring: the configured inputs, then the sequence controls. */
  readonly inputs: readonly TensorSpec[];
  /** What is made of them for each batch; behind `inputs` in what the framework is fed. */
  readonly batchInputs: readonly NativeBatchInput[];
  readonly outputs: readonly TensorSpec[];
  /** By output, how those are cut that have no batch dimension; undefined: all have one. */
  readonly scatters: readonly (Scatter | undefined)[] | undefined;
}

export function modelTensors(config: ModelConfig): ModelTensors {
  const batch = config.maxBatchSize > 0 ? [-1] : [];
  const controls = sequenceControls(config).map(({ name, dataType }) => ({
    name,
    datatype: datatypeOf(dataType) as Datatype,
    shape: [...batch, 1],
  }));
  const inputs = config.input.map((input) => ({
    ...frameworkTensor(input, batch),
    ragged: input.allowRaggedBatch,
  }));
  const outputs = config.output.map((output) => frameworkTensor(output, batch));
  return {
    inputs: [...inputs, ...controls],
    batchInputs: batchInputTensors(config).map(({ name, kind, dataType, source }) => ({
      ...nativeTensorSpec({ name, datatype: datatypeOf(dataType) as Datatype, shape: undefined }),
      kind: batchInputKindNumbers[kind],
      source: inputs.findIndex((input) => input.name === source),
    })),
    outputs,
    scatters: config.batchOutput.length === 0 ? undefined : scatters(config, outputs),
  };
}

/** All inputs as an addon is told of them. */
export function nativeInputs({ inputs, batchInputs }: ModelTensors): NativeTensorSpec[] {
  return [...inputs.map(nativeTensorSpec), ...batchInputs];
}

/** Whether some input is made of a batch's requests: there is no making it up. */
export function isRagged({ inputs, batchInputs }: ModelTensors): boolean {
  return batchInputs.length > 0 || inputs.some(({ ragged }) => ragged);
}

/** A configured tensor as the framework sees it: `reshape` in place of `dims`, behind the batch dimension. */
function frameworkTensor(tensor: ModelInput | ModelOutput, batch: readonly number[]): TensorSpec {
  return {
    name: tensor.name,
    datatype: datatypeOf(tensor.dataType) as Datatype,
    shape: [...batch, ...(tensor.reshape?.shape ?? tensor.dims)],
  };
}

function scatters(config: ModelConfig, outputs: readonly TensorSpec[]): (Scatter | undefined)[] {
  return outputs.map(({ name, shape }) => {
    const found = batchOutputOf(config, name);
    if (found === undefined) return undefined;
    const source = config.input.findIndex((input) => input.name === found.sourceInput[0]);
    return { output: name, shape: shape ?? [], source, sourceName: found.sourceInput[0] as string };
  });
}
