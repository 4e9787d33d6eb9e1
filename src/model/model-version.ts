import type { ModelConfig, ModelVersionPolicy } from "../config/model-config.js";
import type { EngineModel, ExecutionPlanReport } from "../engine/engine-model.js";
import type { InferenceRequest, InferenceResponse } from "../inference/request.js";
import { requestIdPrefix } from "../inference/request-id.js";
import { Code, ServingError } from "../inference/serving-error.js";
import type { Tensor } from "../inference/tensor.js";
import { ModelStatistics } from "../metrics/model-statistics.js";
import { ArrivalOrder } from "../scheduler/arrival-order.js";
import { chooseScheduler } from "../scheduler/choose-scheduler.js";
import type { LimitedInstances, RateLimiter } from "../scheduler/rate-limiter.js";
import type { Scheduler } from "../scheduler/scheduler.js";
import { bindRequest } from "./bind-request.js";
import { cancelled, Inference, type InferenceOwner } from "./inference.js";
import { type InferencePlan, inferencePlan } from "./inference-plan.js";
import { instanceDemands } from "./instance-options.js";
import type { Labels } from "./labels.js";
import type { ModelMetadata, ServedModel, TensorMetadata } from "./served-model.js";

/** What a model version is made of. */
export interface ModelVersionParts {
  readonly version: number;
  readonly config: ModelConfig;
  readonly engine: EngineModel;
  readonly labels: Labels;
  /** The READY versions of the same model, ascending, whenever it is asked. */
  readonly readyVersions: () => readonly number[];
  /** Decides when its instances run; undefined: whenever they have a batch. */
  readonly rateLimiter?: RateLimiter | undefined;
}

/** One loaded version of a model: its configuration, engine, scheduler and statistics joined. */
export class ModelVersion implements ServedModel, InferenceOwner {
  readonly name: string;
  readonly version: number;
  config: ModelConfig;
  readonly plan: InferencePlan;
  readonly statistics = new ModelStatistics();
  readonly arrivalOrder: ArrivalOrder<Inference> | undefined;
  settling = 0;

  private readonly engine: EngineModel;
  private readonly limited: LimitedInstances | undefined;
  private readonly scheduler: Scheduler<Inference>;
  private readonly labelsByOutput: Labels;
  private readonly readyVersions: () => readonly number[];
  private inFlight = 0;
  private closing: Promise<void> | undefined;
  private drained: (() => void) | undefined;

  /**
   * @throws {ServingError} `INVALID_ARGUMENT` if the configuration names tensors that the engine does not have, or
   *   demands resources that the rate limiter does not have
   */
  constructor({ version, config, engine, labels, readyVersions, rateLimiter }: ModelVersionParts) {
    this.name = config.name;
    this.version = version;
    this.config = config;
    this.plan = inferencePlan(config, engine);
    this.engine = engine;
    this.labelsByOutput = labels;
    this.readyVersions = readyVersions;
    this.arrivalOrder = config.dynamicBatching?.preserveOrdering ? new ArrivalOrder() : undefined;
    this.limited = rateLimiter?.add(instanceDemands(config));
    this.scheduler = chooseScheduler<Inference>(config, engine, () => this.inFlight, this.limited);
    this.statistics.countPending = () => this.scheduler.pendingCount;
    engine.onExecution = (timings, _error, instance) => {
      this.settling = performance.now();
      this.statistics.lastInference = Date.now();
      this.statistics.executed(timings);
      this.scheduler.executionDone(instance);
    };
  }

  get metadata(): ModelMetadata {
    const { config, plan } = this;
    return {
      name: config.name,
      versions: this.readyVersions().map(String),
      platform: config.platform || config.backend,
      inputs: plan.inputs.map(tensorMetadata),
      outputs: plan.outputs.map(tensorMetadata),
    };
  }

  /** How its instances run, by device, where the engine has a choice. */
  get executionPlans(): readonly ExecutionPlanReport[] {
    return this.engine.plans ?? [];
  }

  /** Told once if the model can answer no more, whatever is done, and why. */
  set onUnavailable(listener: (reason: string) => void) {
    this.engine.onUnavailable = listener;
  }

  /** The only part of a configuration that may change while a version serves. */
  setVersionPolicy(versionPolicy: ModelVersionPolicy): void {
    this.config = Object.freeze({ ...this.config, versionPolicy });
  }

  labels(output: string): readonly string[] | undefined {
    return this.labelsByOutput.get(output);
  }

  infer(request: InferenceRequest): Promise<InferenceResponse> {
    return this.start(request, "response");
  }

  /** As {@link infer}, answered with the outputs by name. */
  inferRecord(request: InferenceRequest): Promise<Record<string, Tensor>> {
    return this.start(request, "record");
  }

  /** Takes no more requests, answers those it has, then frees the model. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.drain().then(() => {
      this.limited?.remove();
      return this.engine.close();
    });
    return this.closing;
  }

  cancel(inference: Inference): boolean {
    return this.scheduler.cancel(inference);
  }

  refused(): void {
    this.scheduler.refused();
  }

  finished(): void {
    this.inFlight--;
    if (this.inFlight === 0) this.drained?.();
  }

  private start(request: InferenceRequest, form: "response" | "record"): Promise<never> {
    const inference = new Inference(this, request, form, performance.now());
    try {
      bindRequest(this.plan, request, inference);
      if (this.closing !== undefined) throw stopping(request);
      if (request.signal?.aborted) throw cancelled(request.id);
      const promise = inference.promise();
      // Counted first: an engine may settle a request it refuses before `submit` returns.
      this.inFlight++;
      this.submit(inference);
      return promise;
    } catch (thrown) {
      return Promise.reject(ServingError.from(thrown));
    }
  }

  private submit(inference: Inference): void {
    try {
      this.scheduler.submit(inference);
    } catch (thrown) {
      inference.withdraw();
      this.finished();
      throw thrown;
    }
  }

  private drain(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.drained = resolve;
    });
  }
}

function tensorMetadata({ name, datatype, shape }: TensorMetadata): TensorMetadata {
  return { name, datatype, shape };
}

function stopping(request: InferenceRequest): ServingError {
  return new ServingError(
    Code.UNAVAILABLE,
    `${requestIdPrefix(request.id)}Server is stopping, scheduler for model has stopped accepting new inference requests`,
  );
}
