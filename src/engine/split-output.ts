import { Code, ServingError } from "../inference/serving-error.js";
import type { BatchOutput } from "./completions.js";
import type { EngineOutput } from "./engine-model.js";

/** The output as it is, for a batch of one request. */
export function wholeOutput({ datatype, shape, buffer, byteOffset, byteLength }: BatchOutput): EngineOutput {
  return { datatype, shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}

/**
 * The rows of one request: a view into the batch's output.
 *
 * @param name for the message
 * @param first the request's first row
 * @param rows how many it has
 * @param total rows of the batch
 * @throws {ServingError} `UNIMPLEMENTED` if the model gave fewer rows than the batch has
 */
export function splitOutput(
  output: BatchOutput,
  name: string,
  first: number,
  rows: number,
  total: number,
): EngineOutput {
  const { datatype, shape, buffer, byteOffset, byteLength, rowEnds } = output;
  const given = shape[0] ?? 0;
  if (given < total) {
    throw new ServingError(
      Code.UNIMPLEMENTED,
      `failed to split the output tensor '${name}' in responses: ` +
        `expected batch size of at least ${total} in model output, got ${given}`,
    );
  }
  if (first === 0 && rows === given) return wholeOutput(output);
  const begin = rowStart(first, rowEnds, byteLength / given);
  const end = rowStart(first + rows, rowEnds, byteLength / given);
  const rowShape = shape.slice();
  rowShape[0] = rows;
  return { datatype, shape: rowShape, bytes: new Uint8Array(buffer, byteOffset + begin, end - begin) };
}

function rowStart(row: number, rowEnds: readonly number[] | undefined, rowByteSize: number): number {
  if (rowEnds === undefined) return row * rowByteSize;
  return row === 0 ? 0 : (rowEnds[row - 1] as number);
}
