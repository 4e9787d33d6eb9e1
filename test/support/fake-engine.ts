import type {
  EngineModel,
  EngineOutput,
  EngineRequest,
  ExecutionTimings,
  TensorSpec,
} from "../../src/engine/engine-model.js";
import type { ServingError } from "../../src/inference/serving-error.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { sameShapes } from "../../src/scheduler/same-shapes.js";

export interface FakeEngineOptions {
  readonly inputs?: readonly TensorSpec[];
  readonly outputs?: readonly TensorSpec[];
  readonly instanceCount?: number;
  readonly coalesceRows?: number;
  /** What a request is answered with, one entry per output of the model. Default: its inputs, in order. */
  readonly compute?: (request: EngineRequest) => readonly EngineOutput[];
  /** Whether executions end only when the test says so, with `finish`. Default: in a microtask after they begin. */
  readonly manual?: boolean;
}

/** An engine that follows the contract of EngineModel and computes nothing. */
export class FakeEngine implements EngineModel {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly instanceCount: number;
  onExecution: ((timings: ExecutionTimings, error: ServingError | undefined) => void) | undefined;

  /** Batches in the order in which they began. */
  readonly executions: EngineRequest[][] = [];
  closed = false;
  /** What executions end with, if not with outputs. */
  error: ServingError | undefined;

  private readonly options: FakeEngineOptions;
  private queue: (readonly EngineRequest[])[] = [];
  private readonly running: { batch: EngineRequest[]; started: number }[] = [];

  constructor(options: FakeEngineOptions = {}) {
    this.options = options;
    this.inputs = options.inputs ?? [{ name: "x", datatype: "FP32", shape: [-1, 2] }];
    this.outputs = options.outputs ?? [{ name: "y", datatype: "FP32", shape: [-1, 2] }];
    this.instanceCount = options.instanceCount ?? 1;
  }

  get queuedCount(): number {
    return this.queue.reduce((count, batch) => count + batch.length, 0);
  }

  execute(requests: readonly EngineRequest[]): void {
    this.queue.push(requests);
    this.start();
  }

  cancel(request: EngineRequest): boolean {
    const queued = this.queue.length;
    this.queue = this.queue.filter((batch) => !batch.includes(request));
    return this.queue.length < queued;
  }

  /** Ends the execution that began first among those running. */
  finish(index = 0): void {
    const [{ batch, started }] = this.running.splice(index, 1) as [
      { batch: EngineRequest[]; started: number },
    ];
    const rows = batch.reduce((sum, request) => sum + request.rows, 0);
    const now = performance.now();
    const timings = {
      computeStart: started,
      computeInputEnd: now,
      computeOutputStart: now,
      computeEnd: now,
      rows,
    };
    this.start();
    this.onExecution?.(timings, this.error);
    for (const request of batch) request.settle(this.error, this.error ? [] : this.answer(request), timings);
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  private start(): void {
    while (this.queue.length > 0 && this.running.length < this.instanceCount) {
      const batch = [...(this.queue.shift() as readonly EngineRequest[])];
      let rows = batch.reduce((sum, request) => sum + request.rows, 0);
      for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
        rows += next.reduce((sum, request) => sum + request.rows, 0);
        const joins = next.every((request) => sameShapes(request.shapes, (batch[0] as EngineRequest).shapes));
        if (!joins || rows > (this.options.coalesceRows ?? 0)) break;
        batch.push(...next);
        this.queue.shift();
      }
      this.executions.push(batch);
      this.running.push({ batch, started: performance.now() });
      if (!this.options.manual) queueMicrotask(() => this.finish());
    }
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
