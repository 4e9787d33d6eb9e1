import { datatypeNumber } from "../inference/datatype.js";
import type { TensorSpec } from "./engine-model.js";

/** A loaded model as the addon holds it; `ModelWrap` in native/binding. */
export interface NativeModelHandle {
  /**
   * Queues `count` requests as one batch. Inputs and shapes of all requests stand one behind the other.
   *
   * @param head token and rows of each request, alternating; at least `2 * count` numbers
   * @param shapes by input; undefined: as declared at load, with the request's rows as the batch dimension
   * @param outputs by request, positions wanted or undefined for all; undefined: all, for every request
   * @param instance which runs the batch; undefined: whichever is free
   * @throws TypeError if an argument is of the wrong type; nothing is queued then
   */
  submit(
    head: Uint32Array,
    count: number,
    inputs: readonly (Uint8Array | undefined)[],
    shapes: readonly (readonly number[] | undefined)[] | undefined,
    outputs: readonly (readonly number[] | undefined)[] | undefined,
    instance: number | undefined,
  ): void;
  /** Takes back a request that no instance has started. */
  cancel(token: number): boolean;
  /** Requests that no instance has started. */
  queued(): number;
  close(): Promise<void>;
}

/** What both engines' addons export. */
export interface NativeAddon {
  /** @see `Completions` in native/binding/completions.h */
  setHandlers(
    complete: (numbers: Float64Array, buffers: ArrayBuffer[], messages: string[]) => void,
    release: (slot: number, token: number) => void,
  ): void;
  /** Waits for what runs, ends all threads, frees all models; nothing is answered any more. Idempotent. */
  shutdown(): void;
}

/** A {@link TensorSpec} as the addons take it: the datatype by number. */
export interface NativeTensorSpec {
  readonly name: string;
  readonly datatype: number;
  readonly shape: readonly number[] | undefined;
  readonly ragged: boolean;
}

/** An input that the addon makes of each batch. */
export interface NativeBatchInput extends NativeTensorSpec {
  /** `BatchInput.Kind` by number. */
  readonly kind: number;
  /** Position of the input it describes. */
  readonly source: number;
}

export function nativeTensorSpec({ name, datatype, shape, ragged = false }: TensorSpec): NativeTensorSpec {
  return { name, datatype: datatypeNumber(datatype), shape, ragged };
}
