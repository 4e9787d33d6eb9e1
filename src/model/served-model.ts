import type { ModelConfig } from "../config/model-config.js";
import type { Datatype } from "../inference/datatype.js";
import type { InferenceRequest, InferenceResponse } from "../inference/request.js";
import type { Shape } from "../inference/shape.js";
import type { ModelStatistics } from "../metrics/model-statistics.js";

/** What a client sees of an input or output: the configuration's dims, behind the batch dimension (-1) if there is one. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: Shape;
}

export interface ModelMetadata {
  readonly name: string;
  /** The READY versions, ascending, as decimal strings. */
  readonly versions: readonly string[];
  /** The configuration's platform, or its backend where that is empty. */
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
}

/** One READY version of a model: what servers and programs talk to. */
export interface ServedModel {
  readonly name: string;
  readonly version: number;
  readonly config: ModelConfig;
  readonly metadata: ModelMetadata;
  readonly statistics: ModelStatistics;
  /** Lines of the output's label file, by class index; undefined where the output has none. */
  labels(output: string): readonly string[] | undefined;
  /** The one door to inference. Rejects with a ServingError. */
  infer(request: InferenceRequest): Promise<InferenceResponse>;
}

export type VersionState = "UNKNOWN" | "LOADING" | "READY" | "UNLOADING" | "UNAVAILABLE";

/** A row of the repository index; a model that was never loaded has only a name. */
export interface RepositoryIndexEntry {
  readonly name: string;
  readonly version?: string;
  readonly state?: VersionState;
  readonly reason?: string;
}

/** Who says which models are loaded: `none`, the program alone; `explicit`, clients too. */
export type ModelControlMode = "none" | "explicit";

export interface ModelControlOptions {
  /**
   * Whether to wait until what no request is given any more has been freed. Default true; false: until requests find the
   * model as it was asked for.
   */
  readonly waitUntilFreed?: boolean;
}

/** What a server needs of a repository. */
export interface ModelRepository {
  /** Whether a server lets its clients load and unload models, unless it is told otherwise. */
  readonly modelControl: ModelControlMode;
  /**
   * The version asked for, or the highest READY one.
   * @throws {ServingError} NOT_FOUND or UNAVAILABLE, with the reference's texts
   */
  model(name: string, version?: number): ServedModel;
  /** Every READY version of every model. */
  models(): readonly ServedModel[];
  index(): readonly RepositoryIndexEntry[];
  /** Learns which models there are now, for {@link index}. Loads none. */
  scan(): Promise<void>;
  /**
   * Loads a model, or what has changed of it.
   * @throws {ServingError} INVALID_ARGUMENT, INTERNAL or UNAVAILABLE, with the reference's texts
   */
  loadModel(name: string, options?: ModelControlOptions): Promise<void>;
  /** Takes a model out of service. One that is not known is no error. */
  unloadModel(name: string, options?: ModelControlOptions): Promise<void>;
  /** Whether every known version is READY or was unloaded on purpose (strict readiness). */
  allReady(): boolean;
  close(): Promise<void>;
}
