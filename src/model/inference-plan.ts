import { datatypeOf } from "../config/data-type-name.js";
import type { ModelConfig, ModelInput, ModelOutput } from "../config/model-config.js";
import type { EngineModel, TensorSpec } from "../engine/engine-model.js";
import { type Datatype, elementByteSize } from "../inference/datatype.js";
import { invalidArgument } from "../inference/serving-error.js";
import { elementCount, type Shape } from "../inference/shape.js";

/** All that checking and translating an input needs, worked out once when the model is loaded. */
export interface InputPlan {
  readonly name: string;
  readonly datatype: Datatype;
  readonly optional: boolean;
  /** Shares batches with requests of other shapes. */
  readonly ragged: boolean;
  /** Its index in `EngineModel.inputs`. */
  readonly position: number;
  /** What clients send: the configured dims, behind the batch dimension (-1) if there is one. */
  readonly shape: Shape;
  /** Configured dims, and what the framework sees in their place; both without the batch dimension. */
  readonly dims: Shape;
  readonly reshape: Shape | undefined;
  /** Bytes of one row, or of the tensor where there is no batch dimension; -1 if dims or elements vary. */
  readonly rowByteSize: number;
  readonly elementByteSize: number;
}

export interface OutputPlan {
  readonly name: string;
  readonly datatype: Datatype;
  readonly position: number;
  readonly shape: Shape;
  readonly dims: Shape;
  readonly reshape: Shape | undefined;
}

/** How requests to one model version are checked and handed to its engine. */
export interface InferencePlan {
  readonly modelName: string;
  /** 0: no batch dimension. */
  readonly maxBatchSize: number;
  readonly batched: boolean;
  /** In configuration order. */
  readonly inputs: readonly InputPlan[];
  readonly outputs: readonly OutputPlan[];
  /** How many inputs may not be left out. */
  readonly requiredInputs: number;
  readonly inputByName: ReadonlyMap<string, InputPlan>;
  readonly outputByName: ReadonlyMap<string, OutputPlan>;
  /** Length of the lists handed to the engine. */
  readonly engineInputs: number;
  /** All outputs, as an engine is asked for them; undefined if it would give just these anyway. */
  readonly allOutputs: readonly number[] | undefined;
}

/** @throws {ServingError} `INVALID_ARGUMENT` if the configuration names a tensor that the engine does not have */
export function inferencePlan(config: ModelConfig, engine: EngineModel): InferencePlan {
  const batched = config.maxBatchSize > 0;
  const inputs = config.input.map((input) => inputPlan(input, engine.inputs, batched));
  const outputs = config.output.map((output) => outputPlan(output, engine.outputs, batched));
  const asEngine =
    outputs.length === engine.outputs.length && outputs.every((output, i) => output.position === i);
  return {
    modelName: config.name,
    maxBatchSize: config.maxBatchSize,
    batched,
    inputs,
    outputs,
    requiredInputs: inputs.filter((input) => !input.optional).length,
    inputByName: new Map(inputs.map((input) => [input.name, input])),
    outputByName: new Map(outputs.map((output) => [output.name, output])),
    engineInputs: engine.inputs.length,
    allOutputs: asEngine ? undefined : outputs.map((output) => output.position),
  };
}

function inputPlan(input: ModelInput, engine: readonly TensorSpec[], batched: boolean): InputPlan {
  const datatype = datatypeOf(input.dataType) as Datatype;
  const elements = elementCount(input.dims);
  const elementBytes = elementByteSize(datatype);
  return {
    name: input.name,
    datatype,
    optional: input.optional,
    ragged: input.allowRaggedBatch,
    position: position(input.name, engine, "input"),
    shape: batched ? [-1, ...input.dims] : input.dims,
    dims: input.dims,
    reshape: input.reshape?.shape,
    rowByteSize: elements < 0 || elementBytes === 0 ? -1 : elements * elementBytes,
    elementByteSize: elementBytes,
  };
}

function outputPlan(output: ModelOutput, engine: readonly TensorSpec[], batched: boolean): OutputPlan {
  return {
    name: output.name,
    datatype: datatypeOf(output.dataType) as Datatype,
    position: position(output.name, engine, "output"),
    shape: batched ? [-1, ...output.dims] : output.dims,
    dims: output.dims,
    reshape: output.reshape?.shape,
  };
}

function position(name: string, engine: readonly TensorSpec[], kind: "input" | "output"): number {
  const index = engine.findIndex((tensor) => tensor.name === name);
  if (index >= 0) return index;
  const allowed = engine.map((tensor) => tensor.name).join(", ");
  throw invalidArgument(`unexpected inference ${kind} '${name}', allowed ${kind}s are: ${allowed}`);
}
