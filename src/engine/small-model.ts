import { elementCount } from "../inference/shape.js";
import type { TensorSpec } from "./engine-model.js";

/** Some 0.5 ms of one core. Below it, handing parts of an operation to other threads costs more than it saves. */
const SMALL_MULTIPLICATIONS = 4_000_000;

/**
 * Whether a model does so little for a row that its operations are best left on one thread: TensorFlow would split a
 * softmax of 32 rows among all cores and take five times as long; libtorch's threads wait for each other awake, which on
 * busy cores takes a hundred times as long.
 *
 * Bounded from above without looking into the graph: each weight (4 bytes of the model's files) is used at most once per
 * element of the input.
 *
 * @param byteSize of the model's files, see `modelByteSize`
 * @param inputs as the framework sees them
 * @param batched whether dimension 0 is the batch dimension
 */
export function isSmallModel(byteSize: number, inputs: readonly TensorSpec[], batched: boolean): boolean {
  let elements = 0;
  for (const { shape } of inputs) {
    const count = shape === undefined ? -1 : elementCount(batched ? shape.slice(1) : shape);
    if (count < 0) return false;
    elements += count;
  }
  return (byteSize / 4) * elements <= SMALL_MULTIPLICATIONS;
}
