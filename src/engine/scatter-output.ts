import { elementByteSize } from "../inference/datatype.js";
import { Code, ServingError } from "../inference/serving-error.js";
import { elementCount, formatShape, type Shape } from "../inference/shape.js";
import type { BatchOutput } from "./completions.js";
import type { EngineOutput } from "./engine-model.js";

/** How an output is cut that holds all requests' elements in one list. */
export interface Scatter {
  /** Names of the output and of the input, for messages. */
  readonly output: string;
  readonly sourceName: string;
  /** What a request is given, batch dimension included: each -1 is the source's dimension of the same index. */
  readonly shape: Shape;
  /** The input's position. */
  readonly source: number;
}

/**
 * Cuts a flat output into one part for each request of the batch, views of it.
 *
 * @param sources shape of the source input in each request, batch dimension included, in batch order
 * @returns a part for each request, in the same order
 * @throws {ServingError} `INTERNAL` unless the model gave exactly as many elements as the shapes call for
 * @see Triton `BatchOutput`, `BATCH_SCATTER_WITH_INPUT_SHAPE`
 */
export function scatterOutput(
  output: BatchOutput,
  scatter: Scatter,
  sources: readonly (Shape | undefined)[],
): EngineOutput[] {
  const shapes = sources.map((source) => partShape(scatter, source));
  const ends: number[] = [];
  let total = 0;
  for (const shape of shapes) {
    total += elementCount(shape);
    ends.push(total);
  }
  const given = elementCount(output.shape);
  if (given !== total) {
    throw failed(
      scatter,
      `the shapes of input '${scatter.sourceName}' call for ${total} elements, the model gave ${given}`,
    );
  }
  const byteAt = byteOffsets(output, scatter);
  return shapes.map((shape, i) => {
    const begin = byteAt(i === 0 ? 0 : (ends[i - 1] as number));
    const length = byteAt(ends[i] as number) - begin;
    const bytes = new Uint8Array(output.buffer, output.byteOffset + begin, length);
    return { datatype: output.datatype, shape, bytes };
  });
}

function partShape(scatter: Scatter, source: Shape | undefined): Shape {
  const shape = scatter.shape.map((dim, index) => (dim === -1 ? source?.[index] : dim));
  if (shape.every((dim) => dim !== undefined)) return shape;
  throw failed(
    scatter,
    source === undefined
      ? `a request of the batch has no input '${scatter.sourceName}'`
      : `it takes dimensions of input '${scatter.sourceName}', which has only shape ${formatShape(source)}`,
  );
}

/** Where an element begins, in bytes behind the output's own begin. */
function byteOffsets(
  { datatype, shape, rowEnds }: BatchOutput,
  scatter: Scatter,
): (element: number) => number {
  if (rowEnds === undefined) return (element) => element * elementByteSize(datatype);
  // Strings are told apart only along dimension 0.
  if (shape.length !== 1) {
    throw failed(scatter, `strings have to come as a flat list, the model gave shape ${formatShape(shape)}`);
  }
  return (element) => (element === 0 ? 0 : (rowEnds[element - 1] as number));
}

function failed({ output }: Scatter, reason: string): ServingError {
  return new ServingError(
    Code.INTERNAL,
    `failed to split the output tensor '${output}' in responses: ${reason}`,
  );
}
