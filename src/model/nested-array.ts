import { invalidArgument } from "../inference/serving-error.js";

/** Elements in arrays of arrays; the innermost may be typed arrays. */
export type NestedArray<Element> =
  | readonly Element[]
  | readonly NestedArray<Element>[]
  | readonly ArrayBufferView[];

export interface Flattened {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly elements: readonly unknown[];
}

/**
 * The elements of nested arrays and the shape they have.
 *
 * @param isElement whether a value that could be taken apart is an element all the same (a Buffer of a BYTES tensor)
 * @throws {ServingError} `INVALID_ARGUMENT` where arrays of one level differ in length or depth
 */
export function flatten(
  nested: readonly unknown[],
  isElement: (value: unknown) => boolean,
  where: string,
): Flattened {
  const shape: number[] = [];
  for (let value: unknown = nested; isList(value) && !isElement(value); value = value[0]) {
    shape.push(value.length);
    if (value.length === 0) break;
  }
  const elements: unknown[] = [];
  gather(nested, 0);
  return { shape, elements };

  function gather(list: ArrayLike<unknown>, depth: number): void {
    if (list.length !== shape[depth]) {
      throw invalidArgument(
        `${where}: arrays of ${shape[depth]} and of ${list.length} elements lie side by side`,
      );
    }
    const isInnermost = depth === shape.length - 1;
    for (let i = 0; i < list.length; i++) {
      const value = list[i];
      const isArray = isList(value) && !isElement(value);
      if (isArray === isInnermost) {
        throw invalidArgument(`${where}: arrays and elements lie side by side, ${depth + 1} deep`);
      }
      if (isArray) gather(value, depth + 1);
      else elements.push(value);
    }
  }
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}
