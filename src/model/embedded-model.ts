import type { ModelConfig } from "../config/model-config.js";
import type { ExecutionPlanReport } from "../engine/engine-model.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Tensor } from "../inference/tensor.js";
import type { ModelStatistics } from "../metrics/model-statistics.js";
import { FlatShape } from "./flat-shape.js";
import type { ModelVersion } from "./model-version.js";
import type { ModelMetadata } from "./served-model.js";
import { type InputDescription, type InputValue, toTensor } from "./to-tensor.js";

export interface InferOptions {
  /** Aborting rejects the call with CANCELLED while it is queued; a running model is not interrupted. */
  readonly signal?: AbortSignal;
  /** Appears in error messages. */
  readonly id?: string;
  /** Names of the outputs wanted; default: all. */
  readonly outputs?: readonly string[];
  /** 1 is highest; 0: the model's default. */
  readonly priority?: number;
  /** Longest time in the queue, in microseconds; only where the model's queue policy allows it. */
  readonly timeoutMicros?: number;
  /** Default: the highest that is loaded. */
  readonly version?: number;
}

/**
 * A model in this process. Calls that run at the same time are batched where its configuration says so.
 *
 * ```ts
 * await using model = await load("models/digits");
 * const { label } = await model.infer({ image: new Float32Array(64) });
 * ```
 */
export class Model {
  private readonly loaded: ReadonlyMap<number, LoadedVersion>;
  private readonly latest: LoadedVersion;
  private closing: Promise<void> | undefined;

  /** @param versions ascending, at least one. Programs call `load` instead. */
  constructor(versions: readonly ModelVersion[]) {
    this.loaded = new Map(versions.map((model) => [model.version, new LoadedVersion(model)]));
    this.latest = [...this.loaded.values()].at(-1) as LoadedVersion;
  }

  get name(): string {
    return this.latest.model.name;
  }

  /** Those loaded, ascending. */
  get versions(): readonly number[] {
    return [...this.loaded.keys()];
  }

  /** Names, datatypes and shapes of inputs and outputs; of the highest version. */
  get metadata(): ModelMetadata {
    return this.latest.model.metadata;
  }

  /** Complete and frozen; of the highest version. */
  get config(): ModelConfig {
    return this.latest.model.config;
  }

  /**
   * How the instances run, by device, and what was measured to choose that; of the highest version.
   */
  get executionPlans(): readonly ExecutionPlanReport[] {
    return this.latest.model.executionPlans;
  }

  /** Counts and durations since it was loaded; of the highest version. */
  get statistics(): ModelStatistics {
    return this.latest.model.statistics;
  }

  /**
   * Runs the model on one request.
   *
   * @param inputs by name: typed arrays of the input's datatype (their memory is not copied and must stay as it is
   * until the answer is there), nested arrays, single elements, tensors, or `{ data, shape }`
   * @returns the outputs by name, shaped `[batch, ...dims]` where the model has a batch dimension
   * @throws {ServingError} as a rejection: INVALID_ARGUMENT for inputs that do not fit, CANCELLED, UNAVAILABLE if the
   * queue is full or the model closed, NOT_FOUND for a version that is not loaded, or what the engine reports
   */
  infer(
    inputs: Readonly<Record<string, InputValue>>,
    options?: InferOptions,
  ): Promise<Record<string, Tensor>> {
    try {
      const version = options?.version === undefined ? this.latest : this.loadedVersion(options.version);
      return version.infer(inputs, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Refuses new calls, answers those under way, then frees the model. Idempotent. */
  close(): Promise<void> {
    this.closing ??= closeAll(this.loaded.values());
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For `using`, which does not wait: {@link close} with nobody to hear of its errors. */
  [Symbol.dispose](): void {
    this.close().catch(() => {});
  }

  private loadedVersion(version: number): LoadedVersion {
    const loaded = this.loaded.get(version);
    if (loaded !== undefined) return loaded;
    throw new ServingError(
      Code.NOT_FOUND,
      `model '${this.name}' has no version ${version}, loaded are: ${this.versions.join(", ")}`,
    );
  }
}

async function closeAll(versions: Iterable<LoadedVersion>): Promise<void> {
  await Promise.all(Array.from(versions, ({ model }) => model.close()));
}

/** A version, and what turning JavaScript values into its inputs needs. */
class LoadedVersion {
  readonly model: ModelVersion;
  private readonly inputs: readonly InputDescription[];

  constructor(model: ModelVersion) {
    this.model = model;
    this.inputs = model.metadata.inputs.map(({ name, datatype, shape }) => ({
      name,
      datatype,
      rank: shape.length,
      flatShape: new FlatShape(shape),
    }));
  }

  infer(
    values: Readonly<Record<string, InputValue>>,
    options: InferOptions | undefined,
  ): Promise<Record<string, Tensor>> {
    return this.model.inferRecord({
      id: options?.id ?? "",
      inputs: this.tensors(values),
      outputs: options?.outputs,
      priority: options?.priority,
      timeoutMicros: options?.timeoutMicros,
      parameters: undefined,
      signal: options?.signal,
    });
  }

  /** In configuration order; what is missing is the model's to complain about. */
  private tensors(values: Readonly<Record<string, InputValue>>): Tensor[] {
    const tensors: Tensor[] = [];
    for (const input of this.inputs) {
      const value = values[input.name];
      if (value !== undefined) tensors.push(toTensor(input, value));
    }
    let given = 0;
    for (const name in values) if (values[name] !== undefined) given++;
    if (given > tensors.length) throw this.unknownInput(values);
    return tensors;
  }

  private unknownInput(values: Readonly<Record<string, InputValue>>): ServingError {
    const known = this.inputs.map((input) => input.name);
    const unknown = Object.keys(values).find((name) => !known.includes(name));
    return invalidArgument(
      `unexpected inference input '${unknown}' for model '${this.model.name}', its inputs are: ${known.join(", ")}`,
    );
  }
}
