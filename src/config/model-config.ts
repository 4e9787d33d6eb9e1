/**
 * A model's configuration as data: the `inference.ModelConfig` message with its field names in camelCase, enums by
 * name, 64-bit integers as numbers (rounded above 2^53), repeated fields and maps always present, unset messages and
 * unset members of a oneof undefined. Frozen, all the way down.
 *
 * Its way: `readModelConfig` or `readModelConfigJson` or `emptyModelConfig`, `fillPlatform`, `checkSupport`,
 * `autocomplete` (SavedModel only), `normalise`, `validate`; then the engine compares it with the model.
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
  readonly sequenceBatching: ModelSequenceBatching | undefined;
  readonly ensembleScheduling: ModelEnsembling | undefined;
  readonly modelWarmup: readonly ModelWarmup[];
  readonly modelOperations: { readonly opLibraryFilename: readonly string[] } | undefined;
  readonly modelTransactionPolicy: { readonly decoupled: boolean } | undefined;
  readonly modelRepositoryAgents: { readonly agents: readonly NamedParameters[] } | undefined;
  readonly responseCache: { readonly enable: boolean } | undefined;
  readonly modelMetrics: { readonly metricControl: readonly MetricControl[] } | undefined;
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
  readonly kind:
    | "BATCH_ELEMENT_COUNT"
    | "BATCH_ACCUMULATED_ELEMENT_COUNT"
    | "BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO"
    | "BATCH_MAX_ELEMENT_COUNT_AS_SHAPE"
    | "BATCH_ITEM_SHAPE"
    | "BATCH_ITEM_SHAPE_FLATTEN";
  readonly targetName: readonly string[];
  readonly dataType: DataTypeName;
  readonly sourceInput: readonly string[];
}

export interface BatchOutput {
  readonly targetName: readonly string[];
  readonly kind: "BATCH_SCATTER_WITH_INPUT_SHAPE";
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
  readonly rateLimiter: ModelRateLimiter | undefined;
  readonly secondaryDevices: readonly { readonly kind: "KIND_NVDLA"; readonly deviceId: number }[];
}

export interface ModelOptimizationPolicy {
  readonly graph: { readonly level: number } | undefined;
  readonly inputPinnedMemory: { readonly enable: boolean } | undefined;
  readonly outputPinnedMemory: { readonly enable: boolean } | undefined;
  readonly priority: "PRIORITY_DEFAULT" | "PRIORITY_MAX" | "PRIORITY_MIN";
  readonly cuda: ModelCudaOptimization | undefined;
  readonly executionAccelerators: ModelExecutionAccelerators | undefined;
  readonly gatherKernelBufferThreshold: number;
  readonly eagerBatching: boolean;
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

export interface ModelRateLimiter {
  readonly resources: readonly {
    readonly name: string;
    readonly global: boolean;
    readonly count: number;
  }[];
  readonly priority: number;
}

export interface ModelCudaOptimization {
  readonly graphs: boolean;
  readonly busyWaitEvents: boolean;
  readonly graphSpec: readonly (CudaGraphShapes & {
    readonly graphLowerBound: CudaGraphShapes | undefined;
  })[];
  readonly outputCopyStream: boolean;
}

export interface CudaGraphShapes {
  readonly batchSize: number;
  readonly input: Readonly<Record<string, { readonly dim: readonly number[] }>>;
}

export interface ModelExecutionAccelerators {
  readonly gpuExecutionAccelerator: readonly NamedParameters[];
  readonly cpuExecutionAccelerator: readonly NamedParameters[];
}

/** An execution accelerator or a repository agent: both are a name and string parameters. */
export interface NamedParameters {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface ModelSequenceBatching {
  readonly maxSequenceIdleMicroseconds: number;
  readonly controlInput: readonly { readonly name: string; readonly control: readonly SequenceControl[] }[];
  readonly direct: SequenceStrategyDirect | undefined;
  readonly oldest: SequenceStrategyOldest | undefined;
  readonly state: readonly SequenceState[];
  readonly iterativeSequence: boolean;
}

export interface SequenceControl {
  readonly kind:
    | "CONTROL_SEQUENCE_START"
    | "CONTROL_SEQUENCE_READY"
    | "CONTROL_SEQUENCE_END"
    | "CONTROL_SEQUENCE_CORRID";
  readonly int32FalseTrue: readonly number[];
  readonly fp32FalseTrue: readonly number[];
  readonly boolFalseTrue: readonly boolean[];
  readonly dataType: DataTypeName;
}

export interface SequenceStrategyDirect {
  readonly maxQueueDelayMicroseconds: number;
  readonly minimumSlotUtilization: number;
}

export interface SequenceStrategyOldest {
  readonly maxCandidateSequences: number;
  readonly preferredBatchSize: readonly number[];
  readonly maxQueueDelayMicroseconds: number;
  readonly preserveOrdering: boolean;
}

export interface SequenceState {
  readonly inputName: string;
  readonly outputName: string;
  readonly dataType: DataTypeName;
  readonly dims: readonly number[];
  readonly initialState: readonly SequenceInitialState[];
  readonly useSameBufferForInputOutput: boolean;
  readonly useGrowableMemory: boolean;
}

export interface SequenceInitialState {
  readonly name: string;
  readonly dataType: DataTypeName;
  readonly dims: readonly number[];
  readonly zeroData: boolean | undefined;
  readonly dataFile: string | undefined;
}

export interface ModelEnsembling {
  readonly step: readonly EnsembleStep[];
  readonly maxInflightRequests: number;
}

export interface EnsembleStep {
  readonly modelName: string;
  readonly modelVersion: number;
  readonly inputMap: Readonly<Record<string, string>>;
  readonly outputMap: Readonly<Record<string, string>>;
  readonly modelNamespace: string;
}

export interface ModelWarmup {
  readonly name: string;
  readonly batchSize: number;
  readonly inputs: Readonly<Record<string, WarmupInput>>;
  readonly count: number;
}

export interface WarmupInput {
  readonly dataType: DataTypeName;
  readonly dims: readonly number[];
  readonly zeroData: boolean | undefined;
  readonly randomData: boolean | undefined;
  readonly inputDataFile: string | undefined;
}

export interface MetricControl {
  readonly metricIdentifier: { readonly family: string } | undefined;
  readonly histogramOptions: { readonly buckets: readonly number[] } | undefined;
}
