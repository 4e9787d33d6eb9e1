import type { DataTypeName, ModelConfig, SequenceControl } from "./model-config.js";

/** A model input that the sequence scheduler fills: one element for each request, shape [1] behind the batch dimension. */
export interface SequenceControlTensor {
  readonly name: string;
  readonly kind: SequenceControl["kind"];
  readonly dataType: DataTypeName;
}

/** The control inputs of a valid configuration, in its order; none without sequence batching. */
export function sequenceControls({ sequenceBatching }: ModelConfig): SequenceControlTensor[] {
  return (sequenceBatching?.controlInput ?? []).flatMap(({ name, control }) =>
    control.map((each) => ({ name, kind: each.kind, dataType: controlDataType(each) })),
  );
}

/** CORRID names its data type; that of a flag is the one whose false and true are given. */
function controlDataType({ kind, dataType, int32FalseTrue, fp32FalseTrue }: SequenceControl): DataTypeName {
  if (kind === "CONTROL_SEQUENCE_CORRID") return dataType;
  if (int32FalseTrue.length > 0) return "TYPE_INT32";
  return fp32FalseTrue.length > 0 ? "TYPE_FP32" : "TYPE_BOOL";
}
