import type {
  EngineModel,
  EngineOutput,
  EngineRequest,
  ExecutionListener,
  TensorSpec,
} from "../../src/engine/engine-model.js";
import type { ServingError } from "../../src/inference/serving-error.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { shapeAgreement } from "../../src/scheduler/same-shapes.js";

export interface FakeEngineOptions {
  readonly inputs?: readonly TensorSpec[] | undefined;
  readonly outputs?: readonly TensorSpec[];
  readonly instanceCount?: number;
  readonly coalesceRows?: number;
  /** What a request is answered with, one entry per output of the model. Default: its inputs, in order. */
  readonly compute?: (request: EngineRequest) => readonly EngineOutput[];
  /** Whether executions end only when the test says so, with `finish`. Default: in a microtask after they begin. */
  readonly manual?: boolean;
}

interface QueuedBatch {
  readonly requests: readonly EngineRequest[];
  /** undefined: any. */
  readonly instance: number | undefined;
}

/** An engine that follows the contract of EngineModel and computes nothing. */
export class FakeEngine implements EngineModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly instanceCount: number;
  onExecution: ExecutionListener | undefined;

  /** Batches in the order in which they began. */
  readonly executions: EngineRequest[][] = [];
  closed = false;
  /** What executions end with, if not with outputs. */
  error: ServingError | undefined;

  private readonly options: FakeEngineOptions;
  private queue: QueuedBatch[] = [];
  private readonly running: { batch: EngineRequest[]; started: number; instance: number }[] = [];

  constructor(options: FakeEngineOptions = {}) {
    this.options = options;
    this.inputs = options.inputs ?? [{ name: "x", datatype: "FP32", shape: [-1, 2] }];
    this.outputs = options.outputs ?? [{ name: "y", datatype: "FP32", shape: [-1, 2] }];
    this.instanceCount = options.instanceCount ?? 1;
  }

  get queuedCount(): number {
    return this.queue.reduce((count, { requests }) => count + requests.length, 0);
  }

  /** Instances that are running, in the order in which they began. */
  get busy(): number[] {
    return this.running.map(({ instance }) => instance);
  }

  execute(requests: readonly EngineRequest[], instance?: number): void {
    this.queue.push({ requests, instance });
    this.start();
  }

  cancel(request: EngineRequest): boolean {
    const queued = this.queue.length;
    this.queue = this.queue.filter(({ requests }) => !requests.includes(request));
    return this.queue.length < queued;
  }

  /** Ends the execution that began first among those running. */
  finish(index = 0): void {
    const [{ batch, started, instance }] = this.running.splice(index, 1) as [(typeof this.running)[0]];
    const rows = rowsOf(batch);
    const now = performance.now();
    const timings = {
      computeStart: started,
      computeInputEnd: now,
      computeOutputStart: now,
      computeEnd: now,
      rows,
    };
    this.start();
    this.onExecution?.(timings, this.error, instance);
    for (const request of batch) request.settle(this.error, this.error ? [] : this.answer(request), timings);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private start(): void {
    for (let instance = 0; instance < this.instanceCount; instance++) {
      if (this.busy.includes(instance)) continue;
      const at = this.queue.findIndex((queued) => (queued.instance ?? instance) === instance);
      if (at < 0) continue;
      const batch = this.take(at);
      this.executions.push(batch);
      this.running.push({ batch, started: performance.now(), instance });
      if (!this.options.manual) queueMicrotask(() => this.finish());
    }
  }

  /** The batch at a place of the queue, and those behind it as far as they are to be coalesced. */
  private take(at: number): EngineRequest[] {
    const agree = shapeAgreement(this.inputs);
    const batch = [...(this.queue.splice(at, 1)[0] as QueuedBatch).requests];
    let rows = rowsOf(batch);
    for (let next = this.queue[at]; next !== undefined; next = this.queue[at]) {
      rows += rowsOf(next.requests);
      const { shapes } = batch[0] as EngineRequest;
      const joins = next.requests.every((request) => agree(request.shapes, shapes));
      if (!joins || rows > (this.options.coalesceRows ?? 0)) break;
      batch.push(...next.requests);
      this.queue.splice(at, 1);
    }
    return batch;
  }

  private answer(request: EngineRequest): readonly EngineOutput[] {
    const all = this.options.compute?.(request) ?? this.echo(request);
    return request.outputs?.map((position) => all[position] as EngineOutput) ?? all;
  }

  private echo(request: EngineRequest): EngineOutput[] {
    return this.outputs.map(({ datatype }, i) => ({
      datatype,
      shape: request.shapes[i] ?? [],
      bytes: request.inputs[i] ?? new Uint8Array(),
    }));
  }
}

function rowsOf(requests: readonly EngineRequest[]): number {
  return requests.reduce((sum, { rows }) => sum + rows, 0);
}

/** Loads a fake for every model, its tensors those of the configuration; keeps them by `name/version`. */
export function fakeLoader(
  options: FakeEngineOptions = {},
): EngineLoader & { engines: Map<string, FakeEngine> } {
  const engines = new Map<string, FakeEngine>();
  const loader: EngineLoader = async ({ config, modelName, modelVersion, instances, coalesceRows }) => {
    const engine = new FakeEngine({
      inputs: config.input.map(({ name }) => ({ name, datatype: "FP32", shape: undefined })),
      outputs: config.output.map(({ name }) => ({ name, datatype: "FP32", shape: undefined })),
      instanceCount: instances.length,
      coalesceRows,
      ...options,
    });
    engines.set(`${modelName}/${modelVersion}`, engine);
    return engine;
  };
  return Object.assign(loader, { engines });
}
