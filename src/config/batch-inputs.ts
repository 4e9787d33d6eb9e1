import type { BatchInput, DataTypeName, ModelConfig } from "./model-config.js";

/** One model input that is made of the batch: clients never send it, and metadata does not show it. */
export interface BatchInputTensor {
  readonly name: string;
  readonly kind: BatchInput["kind"];
  readonly dataType: DataTypeName;
  /** The configured input it describes. */
  readonly source: string;
}

/** The inputs that a valid configuration's `batch_input` makes, one for each target, in configuration order. */
export function batchInputTensors({ batchInput }: ModelConfig): BatchInputTensor[] {
  return batchInput.flatMap(({ kind, dataType, targetName, sourceInput }) =>
    targetName.map((name) => ({ name, kind, dataType, source: sourceInput[0] as string })),
  );
}

/** Numbers of `BatchInput.Kind`; the native core uses the same. */
export const batchInputKindNumbers: Readonly<Record<BatchInput["kind"], number>> = {
  BATCH_ELEMENT_COUNT: 0,
  BATCH_ACCUMULATED_ELEMENT_COUNT: 1,
  BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO: 2,
  BATCH_MAX_ELEMENT_COUNT_AS_SHAPE: 3,
  BATCH_ITEM_SHAPE: 4,
  BATCH_ITEM_SHAPE_FLATTEN: 5,
};
