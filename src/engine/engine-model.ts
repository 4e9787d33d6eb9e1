import type { Datatype } from "../inference/datatype.js";
import type { ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";

/** A tensor that a loaded model takes or gives, as the engine describes it. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  /** What the framework sees, batch dimension included, -1 variable; undefined where the rank is unknown. */
  readonly shape: Shape | undefined;
  /**
   * Of an input: the elements of a batch's requests are concatenated into one list, so that their shapes need not agree.
   * `shape` is then a request's own, and the framework sees rank 1.
   */
  readonly ragged?: boolean;
}

/**
 * One request on its way through scheduler and engine. Positions are those of `EngineModel.inputs` and `.outputs`.
 * The engine reads it until `settle` has been called, exactly once, on the event loop.
 */
export interface EngineRequest {
  /** Rows this request adds to a batch: its batch dimension, or 1 for a model without batching. */
  readonly rows: number;
  /** Bytes of each input, undefined where an optional input is absent. Must not change before `settle`. */
  readonly inputs: readonly (Uint8Array | undefined)[];
  /** Full shape of each input, batch dimension included; undefined for absent inputs. */
  readonly shapes: readonly (Shape | undefined)[];
  /** Positions of the outputs wanted; undefined: all. */
  readonly outputs: readonly number[] | undefined;
  /**
   * Hands back the outcome: an error, or one entry per output wanted, in the order of `outputs`. Timings are there
   * whenever the request reached an instance.
   */
  settle(
    error: ServingError | undefined,
    outputs: readonly EngineOutput[],
    timings: ExecutionTimings | undefined,
  ): void;
}

export interface EngineOutput {
  readonly datatype: Datatype;
  readonly shape: Shape;
  /** A view of the engine's memory, or of a copy where copying is cheaper. */
  readonly bytes: Uint8Array;
}

/** When the phases of one execution happened, in milliseconds of `performance.now()`; shared by all its requests. */
export interface ExecutionTimings {
  readonly computeStart: number;
  readonly computeInputEnd: number;
  readonly computeOutputStart: number;
  readonly computeEnd: number;
  /** Total rows executed together. */
  readonly rows: number;
}

/** @param instance that ran it, by its position in `LoadOptions.instances` */
export type ExecutionListener = (
  timings: ExecutionTimings,
  error: ServingError | undefined,
  instance: number,
) => void;

/** A model version loaded by an engine, with its instances. Each instance runs one batch at a time on its own thread. */
export interface EngineModel {
  /** What requests bring. A model may have more, which the engine makes of the batch. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly instanceCount: number;
  /** Requests given to `execute` that no instance has started, where the engine can tell. */
  readonly queuedCount?: number;
  /**
   * Queues `requests` as one batch, concatenated along dimension 0 in this order; returns at once. An instance takes
   * it when free. If the model was loaded with `coalesceRows > 0`, an instance that becomes free also takes
   * the batches queued behind it, as long as shapes agree and the rows fit.
   *
   * @param instance the one that is to run it, by its position in `LoadOptions.instances`; undefined: whichever is free
   */
  execute(requests: readonly EngineRequest[], instance?: number): void;
  /** Takes a request back that no instance has started; true if it was, and then `settle` is not called. */
  cancel(request: EngineRequest): boolean;
  /** How its instances run where the engine has a choice: an entry for each device. */
  readonly plans?: readonly ExecutionPlanReport[];
  /** Called once per execution, before its requests settle; failed ones too. */
  onExecution: ExecutionListener | undefined;
  /** Called once if the model can run no more, whatever is done: its own process ends again and again. */
  onUnavailable?: ((reason: string) => void) | undefined;
  /** Settles what is queued with UNAVAILABLE, waits for what runs, frees the model. Idempotent. */
  close(): Promise<void>;
}

/** Which way of running a model an engine has chosen for the instances on a device, and by what. */
export interface ExecutionPlanReport {
  readonly plan: string;
  /** Why nothing was measured; "" if it was, or if there was no choice. */
  readonly skipped: string;
  /** Batch sizes measured. */
  readonly rows: readonly number[];
  /** Microseconds of a run at each of `rows`; none where `refused` says why the plan was not measured. */
  readonly timings: readonly {
    readonly plan: string;
    readonly refused: string;
    readonly micros: readonly number[];
  }[];
}

/** What an engine is told when it loads a model version. The paths are absolute. */
export interface LoadOptions {
  /** For messages: `name` and `version` of the model. */
  readonly modelName: string;
  readonly modelVersion: number;
  /** One entry per instance. */
  readonly instances: readonly InstanceOptions[];
  /** > 0: instances may merge queued batches up to this many rows (the default dynamic batching policy). */
  readonly coalesceRows: number;
}

export interface InstanceOptions {
  readonly name: string;
  /** `KIND_GPU` with its device id, else the CPU; `KIND_MODEL` leaves placement to the model. */
  readonly kind: "KIND_CPU" | "KIND_GPU" | "KIND_MODEL";
  readonly device: number;
}
