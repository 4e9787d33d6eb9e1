/**
 * A model's configuration as data: the `inference.ModelConfig` message with its field names in camelCase, enums by
 * name, 64-bit integers as numbers, repeated fields and maps always present, unset messages undefined. Frozen.
 *
 * @see Triton `model_config.proto`, package `inference`
 */
export interface ModelConfig {
  readonly name: string;
  readonly platform: string;
  readonly backend: string;
  readonly runtime: string;
  readonly versionPolicy: ModelVersionPolicy | undefined;
  readonly maxBatchSize: number;
  readonly input: readonly ModelInput[];
  readonly output: readonly ModelOutput[];
  readonly batchInput: readonly BatchInput[];
  readonly batchOutput: readonly BatchOutput[];
  readonly optimization: ModelOptimizationPolicy | undefined;
  readonly instanceGroup: readonly ModelInstanceGroup[];
  readonly defaultModelFilename: string;
  readonly ccModelFilenames: Readonly<Record<string, string>>;
  readonly metricTags: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, { readonly stringValue: string }>>;
  readonly dynamicBatching: ModelDynamicBatching | undefined;
  // sequenceBatching, ensembleScheduling, modelWarmup, modelOperations, modelTransactionPolicy,
  // modelRepositoryAgents, responseCache, modelMetrics: completed by the config work, same rules.
}

export type DataTypeName =
  | "TYPE_INVALID"
  | "TYPE_BOOL"
  | "TYPE_UINT8"
  | "TYPE_UINT16"
  | "TYPE_UINT32"
  | "TYPE_UINT64"
  | "TYPE_INT8"
  | "TYPE_INT16"
  | "TYPE_INT32"
  | "TYPE_INT64"
  | "TYPE_FP16"
  | "TYPE_FP32"
  | "TYPE_FP64"
  | "TYPE_STRING"
  | "TYPE_BF16";

export interface ModelTensorReshape {
  readonly shape: readonly number[];
}

export interface ModelInput {
  readonly name: string;
  readonly dataType: DataTypeName;
  readonly format: "FORMAT_NONE" | "FORMAT_NHWC" | "FORMAT_NCHW";
  /** Without the batch dimension; -1 is variable. */
  readonly dims: readonly number[];
  readonly reshape: ModelTensorReshape | undefined;
  readonly isShapeTensor: boolean;
  readonly allowRaggedBatch: boolean;
  readonly optional: boolean;
  readonly isNonLinearFormatIo: boolean;
}

export interface ModelOutput {
  readonly name: string;
  readonly dataType: DataTypeName;
  readonly dims: readonly number[];
  readonly reshape: ModelTensorReshape | undefined;
  readonly labelFilename: string;
  readonly isShapeTensor: boolean;
  readonly isNonLinearFormatIo: boolean;
}

export interface BatchInput {
  readonly kind: string;
  readonly targetName: readonly string[];
  readonly dataType: DataTypeName;
  readonly sourceInput: readonly string[];
}

export interface BatchOutput {
  readonly targetName: readonly string[];
  readonly kind: string;
  readonly sourceInput: readonly string[];
}

export interface ModelVersionPolicy {
  readonly latest: { readonly numVersions: number } | undefined;
  readonly all: Readonly<Record<string, never>> | undefined;
  readonly specific: { readonly versions: readonly number[] } | undefined;
}

export interface ModelInstanceGroup {
  readonly name: string;
  readonly kind: "KIND_AUTO" | "KIND_GPU" | "KIND_CPU" | "KIND_MODEL";
  readonly count: number;
  readonly gpus: readonly number[];
  readonly passive: boolean;
  readonly hostPolicy: string;
  readonly profile: readonly string[];
  // rateLimiter, secondaryDevices likewise
}

export interface ModelOptimizationPolicy {
  readonly graph: { readonly level: number } | undefined;
  readonly inputPinnedMemory: { readonly enable: boolean } | undefined;
  readonly outputPinnedMemory: { readonly enable: boolean } | undefined;
  // priority, cuda, executionAccelerators, gatherKernelBufferThreshold, eagerBatching likewise
}

export interface ModelQueuePolicy {
  readonly timeoutAction: "REJECT" | "DELAY";
  readonly defaultTimeoutMicroseconds: number;
  readonly allowTimeoutOverride: boolean;
  readonly maxQueueSize: number;
}

export interface ModelDynamicBatching {
  readonly preferredBatchSize: readonly number[];
  readonly maxQueueDelayMicroseconds: number;
  readonly preserveOrdering: boolean;
  readonly priorityLevels: number;
  readonly defaultPriorityLevel: number;
  readonly defaultQueuePolicy: ModelQueuePolicy | undefined;
  /** By level, "1" first. */
  readonly priorityQueuePolicy: Readonly<Record<string, ModelQueuePolicy>>;
}
