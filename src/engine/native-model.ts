import { ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import { type Completion, CompletionReader } from "./completions.js";
import type {
  EngineModel,
  EngineOutput,
  EngineRequest,
  ExecutionListener,
  ExecutionPlanReport,
  ExecutionTimings,
  TensorSpec,
} from "./engine-model.js";
import type { NativeAddon, NativeModelHandle } from "./native-addon.js";
import { type CuttingRules, OutputCutter } from "./output-cutter.js";

const noOutputs: readonly EngineOutput[] = [];
const noRequests: readonly EngineRequest[] = [];

/** Models with requests in flight, by slot: whoever only awaits an answer keeps its model alive through this. */
const active = new Map<number, NativeModel>();
/** Inputs that an engine uses beyond their execution, by slot and token. */
const retained = new Map<string, readonly unknown[]>();
const connected = new WeakSet<NativeAddon>();
let lastSlot = 0;

/** A number for a new model, unique in this thread over all addons; connects the addon's completions once. */
export function newSlot(addon: NativeAddon): number {
  if (!connected.has(addon)) {
    connected.add(addon);
    addon.setHandlers(complete, release);
    // process.exit() goes on to destroy what the engines' threads would still be using.
    process.once("exit", () => addon.shutdown());
  }
  return ++lastSlot;
}

function complete(numbers: Float64Array, buffers: ArrayBuffer[], messages: string[]): void {
  new CompletionReader(numbers, buffers, messages).readAll((completion) =>
    active.get(completion.slot)?.complete(completion),
  );
}

function release(slot: number, token: number): void {
  retained.delete(`${slot}:${token}`);
}

export interface NativeModelParts extends CuttingRules {
  readonly slot: number;
  readonly handle: NativeModelHandle;
  readonly inputs: readonly TensorSpec[];
  readonly instanceCount: number;
  readonly plans?: readonly ExecutionPlanReport[];
}

/** A model run by an addon in this process. */
export class NativeModel implements EngineModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly instanceCount: number;
  readonly plans: readonly ExecutionPlanReport[];
  onExecution: ExecutionListener | undefined;

  private readonly slot: number;
  private readonly handle: NativeModelHandle;
  private readonly cutting: CuttingRules;
  /** Shapes need not be handed over where the number of rows says all. */
  private readonly shapesKnown: boolean;
  /** By token. */
  private readonly requests: (EngineRequest | undefined)[] = [];
  private readonly freeTokens: number[] = [];
  /** Token and rows of each request that is being handed over; reused. */
  private head = new Uint32Array(64);
  private inFlight = 0;
  private closing: Promise<void> | undefined;

  constructor({
    slot,
    handle,
    inputs,
    outputs,
    instanceCount,
    batched,
    scatters,
    plans = [],
  }: NativeModelParts) {
    this.slot = slot;
    this.handle = handle;
    this.inputs = inputs;
    this.outputs = outputs;
    this.instanceCount = instanceCount;
    this.plans = plans;
    this.cutting = { outputs, batched, scatters };
    this.shapesKnown = inputs.every(({ shape }) => isKnown(shape, batched));
  }

  get queuedCount(): number {
    return this.handle.queued();
  }

  execute(requests: readonly EngineRequest[], instance?: number): void {
    if (this.inFlight === 0) active.set(this.slot, this);
    this.inFlight += requests.length;
    if (this.head.length < 2 * requests.length) this.head = new Uint32Array(4 * requests.length);
    const { head } = this;
    const inputs: (Uint8Array | undefined)[] = [];
    const shapes: (Shape | undefined)[] | undefined = this.shapesKnown ? undefined : [];
    let outputs: (readonly number[] | undefined)[] | undefined;
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i] as EngineRequest;
      const token = this.freeTokens.pop() ?? this.requests.length;
      this.requests[token] = request;
      head[2 * i] = token;
      head[2 * i + 1] = request.rows;
      for (const input of request.inputs) inputs.push(input);
      if (shapes !== undefined) for (const shape of request.shapes) shapes.push(shape);
      if (request.outputs !== undefined) {
        outputs ??= [];
        outputs[i] = request.outputs;
      }
    }
    try {
      this.handle.submit(head, requests.length, inputs, shapes, outputs, instance);
    } catch (thrown) {
      this.refuse(requests, ServingError.from(thrown));
    }
  }

  cancel(request: EngineRequest): boolean {
    const token = this.requests.indexOf(request);
    if (token < 0 || !this.handle.cancel(token)) return false;
    this.forget(token);
    return true;
  }

  close(): Promise<void> {
    this.closing ??= this.handle.close();
    return this.closing;
  }

  /** @internal Called with each outcome under this model's slot. */
  complete({ error, instance, retained: kept, timings, tokens, outputs }: Completion): void {
    this.onExecution?.(timings, error, instance);
    const cutter = error === undefined ? this.cutter(outputs, timings.rows, tokens) : undefined;
    for (const token of tokens) {
      const request = this.requests[token] as EngineRequest;
      if (kept) retained.set(`${this.slot}:${token}`, request.inputs);
      this.forget(token);
      settle(request, error, cutter, timings);
    }
  }

  private cutter(outputs: Completion["outputs"], rows: number, tokens: readonly number[]): OutputCutter {
    // Only what is cut by requests' shapes needs to know them all.
    const requests =
      this.cutting.scatters === undefined
        ? noRequests
        : tokens.map((token) => this.requests[token] as EngineRequest);
    return new OutputCutter(this.cutting, outputs, rows, requests);
  }

  private refuse(requests: readonly EngineRequest[], error: ServingError): void {
    for (const request of requests) {
      this.forget(this.requests.indexOf(request));
      request.settle(error, noOutputs, undefined);
    }
  }

  private forget(token: number): void {
    this.requests[token] = undefined;
    this.freeTokens.push(token);
    if (--this.inFlight === 0) active.delete(this.slot);
  }
}

/** @param cutter the outputs; undefined if the execution failed with `error` */
function settle(
  request: EngineRequest,
  error: ServingError | undefined,
  cutter: OutputCutter | undefined,
  timings: ExecutionTimings,
): void {
  if (cutter === undefined) {
    request.settle(error, noOutputs, timings);
    return;
  }
  let given: EngineOutput[];
  try {
    given = cutter.next(request);
  } catch (thrown) {
    request.settle(ServingError.from(thrown), noOutputs, timings);
    return;
  }
  request.settle(undefined, given, timings);
}

function isKnown(shape: Shape | undefined, batched: boolean): boolean {
  return shape?.every((dim, index) => dim >= 0 || (batched && index === 0)) ?? false;
}
