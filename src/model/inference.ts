import { dataTypeName } from "../config/data-type-name.js";
import type { EngineOutput, EngineRequest, ExecutionTimings } from "../engine/engine-model.js";
import type { InferenceRequest, InferenceResponse } from "../inference/request.js";
import { requestIdPrefix } from "../inference/request-id.js";
import { Code, ServingError } from "../inference/serving-error.js";
import { formatShape, type Shape } from "../inference/shape.js";
import { Tensor } from "../inference/tensor.js";
import type { FailureReason, ModelStatistics } from "../metrics/model-statistics.js";
import type { ArrivalOrder } from "../scheduler/arrival-order.js";
import type { QueuedRequest } from "../scheduler/scheduler.js";
import { type Abortable, unwatchAbort, watchAbort } from "./abort-watch.js";
import type { InferencePlan, OutputPlan } from "./inference-plan.js";
import { reshaped } from "./reshape.js";

/** What an inference needs of the model version it belongs to. */
export interface InferenceOwner {
  readonly name: string;
  readonly version: number;
  readonly plan: InferencePlan;
  readonly statistics: ModelStatistics;
  /** When outcomes began to be handed out, in milliseconds of `performance.now()`. */
  settling: number;
  /** There if answers must leave in the order of arrival. */
  readonly arrivalOrder: ArrivalOrder<Inference> | undefined;
  /** An inference has been answered. */
  finished(): void;
  /** The engine would not take an inference. */
  refused(): void;
  /** Its caller gave up; true if it was taken back before an instance started it. */
  cancel(inference: Inference): boolean;
}

/** Which shape the caller is answered in: a response as protocols read it, or the outputs by name. */
export type AnswerForm = "response" | "record";

/**
 * One request between `infer` and its answer: what the scheduler queues and what the engine reads. One is made per
 * request, so everything it needs is a field of it and nothing is a closure.
 */
export class Inference implements EngineRequest, QueuedRequest, Abortable {
  readonly id: string;
  readonly priority: number;
  readonly timeoutMicros: number;
  readonly enqueuedAt: number;
  rows = 1;
  inputs: readonly (Uint8Array | undefined)[] = noInputs;
  shapes: readonly (Shape | undefined)[] = noInputs;
  /** Positions in `EngineModel.outputs`. */
  outputs: readonly number[] | undefined = undefined;
  /** The same outputs, in the order wanted. */
  wanted: readonly OutputPlan[];

  private readonly owner: InferenceOwner;
  private readonly form: AnswerForm;
  private readonly signal: AbortSignal | undefined;
  private resolve: (answer: never) => void = nothing;
  private reject: (error: ServingError) => void = nothing;

  constructor(owner: InferenceOwner, request: InferenceRequest, form: AnswerForm, now: number) {
    this.owner = owner;
    this.form = form;
    this.id = request.id;
    this.priority = request.priority ?? 0;
    this.timeoutMicros = request.timeoutMicros ?? 0;
    this.signal = request.signal;
    this.enqueuedAt = now;
    this.wanted = owner.plan.outputs;
    this.outputs = owner.plan.allOutputs;
  }

  /** What the caller awaits. To be asked for once, before the inference is handed on. */
  promise(): Promise<never> {
    const promise = new Promise<never>(capture);
    this.resolve = captured.resolve;
    this.reject = captured.reject;
    if (this.signal !== undefined) watchAbort(this.signal, this);
    this.owner.arrivalOrder?.arrived(this);
    return promise;
  }

  /** The caller's signal fired: what no instance has started is answered with CANCELLED, the rest runs on. */
  aborted(): void {
    if (!this.owner.cancel(this)) return;
    this.fail("CANCELED", cancelled(this.id));
  }

  settle(
    error: ServingError | undefined,
    outputs: readonly EngineOutput[],
    timings: ExecutionTimings | undefined,
  ): void {
    if (timings === undefined) this.owner.refused();
    const { arrivalOrder } = this.owner;
    if (arrivalOrder === undefined) this.answer(error, outputs, timings);
    else arrivalOrder.completed(this, () => this.answer(error, outputs, timings));
  }

  fail(reason: FailureReason, error: ServingError): void {
    const { arrivalOrder } = this.owner;
    if (arrivalOrder === undefined) this.answerFailed(reason, error);
    else arrivalOrder.completed(this, () => this.answerFailed(reason, error));
  }

  /** The request was refused after all: lets go of what `promise` took. */
  withdraw(): void {
    if (this.signal !== undefined) unwatchAbort(this.signal, this);
    this.owner.arrivalOrder?.withdrawn(this);
  }

  private answer(
    error: ServingError | undefined,
    outputs: readonly EngineOutput[],
    timings: ExecutionTimings | undefined,
  ): void {
    if (error !== undefined || timings === undefined) {
      const failure =
        error ?? new ServingError(Code.INTERNAL, "the engine gave neither outputs nor an error");
      this.answerFailed(timings === undefined ? "OTHER" : "BACKEND", failure);
      return;
    }
    let answer: InferenceResponse | Record<string, Tensor>;
    try {
      answer = this.form === "record" ? this.record(outputs) : this.response(outputs);
    } catch (thrown) {
      this.answerFailed("BACKEND", ServingError.from(thrown));
      return;
    }
    if (this.signal !== undefined) unwatchAbort(this.signal, this);
    const { owner } = this;
    owner.statistics.succeeded(this.enqueuedAt, timings, owner.settling);
    owner.finished();
    this.resolve(answer as never);
  }

  private answerFailed(reason: FailureReason, error: ServingError): void {
    if (this.signal !== undefined) unwatchAbort(this.signal, this);
    this.owner.statistics.failed(reason, this.enqueuedAt, performance.now());
    this.owner.finished();
    this.reject(error);
  }

  private response(outputs: readonly EngineOutput[]): InferenceResponse {
    const { owner, wanted } = this;
    const tensors: Tensor[] = [];
    for (let i = 0; i < wanted.length; i++) tensors.push(this.tensor(wanted[i] as OutputPlan, outputs[i]));
    return { modelName: owner.name, modelVersion: owner.version, id: this.id, outputs: tensors };
  }

  private record(outputs: readonly EngineOutput[]): Record<string, Tensor> {
    const { wanted } = this;
    const tensors: Record<string, Tensor> = {};
    for (let i = 0; i < wanted.length; i++) {
      const tensor = this.tensor(wanted[i] as OutputPlan, outputs[i]);
      tensors[tensor.name] = tensor;
    }
    return tensors;
  }

  private tensor(plan: OutputPlan, output: EngineOutput | undefined): Tensor {
    if (output === undefined) throw this.outputError(`model gave no output '${plan.name}'`);
    if (output.datatype !== plan.datatype) {
      const [expected, given] = [dataTypeName(plan.datatype), dataTypeName(output.datatype)];
      throw this.outputError(
        `configuration expects datatype ${expected} for output '${plan.name}', model provides ${given}`,
      );
    }
    if (plan.reshape === undefined) return new Tensor(plan.name, plan.datatype, output.shape, output.bytes);
    const { batched, modelName } = this.owner.plan;
    const shape = reshaped(output.shape, plan.reshape, plan.dims, batched);
    if (shape !== undefined) return new Tensor(plan.name, plan.datatype, shape, output.bytes);
    const expected = formatShape(batched ? [-1, ...plan.reshape] : plan.reshape);
    throw this.outputError(
      `unexpected shape for output '${plan.name}' of model '${modelName}'. Expected ${expected}, got ${formatShape(output.shape)}`,
    );
  }

  private outputError(message: string): ServingError {
    return new ServingError(Code.INTERNAL, requestIdPrefix(this.id) + message);
  }
}

export function cancelled(id: string): ServingError {
  return new ServingError(
    Code.CANCELLED,
    `${requestIdPrefix(id)}Request is cancelled before it was executed`,
  );
}

const noInputs: readonly undefined[] = [];

function nothing(): void {}

/** The functions of the promise made last: one shared executor costs less than a closure per request. */
const captured: { resolve: (answer: never) => void; reject: (error: unknown) => void } = {
  resolve: nothing,
  reject: nothing,
};

function capture(resolve: (answer: never) => void, reject: (error: unknown) => void): void {
  captured.resolve = resolve;
  captured.reject = reject;
}
