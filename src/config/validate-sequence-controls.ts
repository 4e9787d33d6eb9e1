import { invalidArgument } from "../inference/serving-error.js";
import type { DataTypeName, ModelConfig, SequenceControl } from "./model-config.js";

/** Checks the control inputs of `sequence_batching`: see {@link validate}. */
export function validateSequenceControls(config: ModelConfig): void {
  const model = config.name;
  const names = new Set(config.input.map(({ name }) => name));
  const kinds = new Set<string>();
  for (const { name, control } of config.sequenceBatching?.controlInput ?? []) {
    if (name === "") throw invalidArgument(`sequence batching control tensor must have a name for ${model}`);
    const subject = `sequence batching control tensor '${name}'`;
    if (config.input.some((input) => input.name === name)) {
      throw invalidArgument(`${subject} is an input of the configuration too for ${model}`);
    }
    if (names.has(name) || control.length > 1) {
      throw invalidArgument(`${subject} is specified for multiple control kinds for ${model}`);
    }
    names.add(name);
    const [only] = control;
    if (only === undefined) throw invalidArgument(`${subject} must specify a control kind for ${model}`);
    if (kinds.has(only.kind)) {
      throw invalidArgument(`sequence batching specifies multiple ${only.kind} tensors for ${model}`);
    }
    kinds.add(only.kind);
    if (only.kind === "CONTROL_SEQUENCE_CORRID") validateCorrelation(config, only);
    else validateFlag(config, only);
  }
}

function validateFlag({ name: model }: ModelConfig, control: SequenceControl): void {
  const { kind, int32FalseTrue, fp32FalseTrue, boolFalseTrue } = control;
  const given = Object.entries({
    int32_false_true: int32FalseTrue,
    fp32_false_true: fp32FalseTrue,
    bool_false_true: boolFalseTrue,
  }).filter(([, values]) => values.length > 0);
  const [first, second] = given;
  if (first === undefined) {
    throw invalidArgument(
      "sequence batching must specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' " +
        `for ${kind} for ${model}`,
    );
  }
  if (second !== undefined) {
    throw invalidArgument(
      `sequence batching specifies both '${first[0]}' and '${second[0]}' for ${kind} for ${model}`,
    );
  }
  const [field, values] = first;
  if (values.length === 2) return;
  throw invalidArgument(
    `sequence batching control '${field}' must have exactly 2 entries for ${kind} for ${model}`,
  );
}

const correlationDataTypes: readonly DataTypeName[] = [
  "TYPE_UINT64",
  "TYPE_INT64",
  "TYPE_UINT32",
  "TYPE_INT32",
  "TYPE_STRING",
];

function validateCorrelation({ name: model }: ModelConfig, control: SequenceControl): void {
  const { kind, dataType, int32FalseTrue, fp32FalseTrue, boolFalseTrue } = control;
  if (int32FalseTrue.length + fp32FalseTrue.length + boolFalseTrue.length > 0) {
    throw invalidArgument(
      "sequence batching must not specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' " +
        `for ${kind} for ${model}`,
    );
  }
  if (correlationDataTypes.includes(dataType)) return;
  throw invalidArgument(
    `sequence batching ${kind} must have one of the data types ${correlationDataTypes.join(", ")}, ` +
      `got ${dataType}, for ${model}`,
  );
}
