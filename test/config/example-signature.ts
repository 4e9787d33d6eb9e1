import type { Signature, SignatureTensor } from "../../src/config/saved-model-signature.js";
import type { Shape } from "../../src/inference/shape.js";

type Tensors = Readonly<Record<string, readonly [dtype: string, shape: Shape | undefined]>>;

/** A signature from the data type (`DT_FLOAT`) and full shape (undefined: of unknown rank) of each tensor. */
export function signatureOf(inputs: Tensors, outputs: Tensors): Signature {
  return { inputs: tensors(inputs), outputs: tensors(outputs) };
}

function tensors(described: Tensors): SignatureTensor[] {
  return Object.entries(described).map(([key, [dtype, shape]]) => ({
    key,
    tensorName: `${key}:0`,
    dtype,
    shape,
  }));
}
