import type {
  ModelConfig,
  ModelDynamicBatching,
  ModelInstanceGroup,
  ModelOptimizationPolicy,
  ModelSequenceBatching,
} from "./model-config.js";

/**
 * Makes the defaults that are not protobuf's own explicit, as the configuration endpoints show them: version policy,
 * preferred batch sizes, pinned memory, instance groups. The last step before validation; doing it twice changes nothing.
 *
 * @param gpus device ids that this machine has, ascending; empty without GPUs
 * @see Triton model configuration, "Instance Groups", "Version Policy"
 */
export function normalise(config: ModelConfig, gpus: readonly number[]): ModelConfig {
  const isEnsemble = config.platform === "ensemble" || config.ensembleScheduling !== undefined;
  return Object.freeze({
    ...config,
    versionPolicy: config.versionPolicy ?? latestVersion(),
    dynamicBatching: config.dynamicBatching && withPreferred(config.dynamicBatching, config.maxBatchSize),
    sequenceBatching:
      config.sequenceBatching && normaliseSequence(config.sequenceBatching, config.maxBatchSize),
    optimization: isEnsemble ? config.optimization : withPinnedMemory(config.optimization),
    instanceGroup: isEnsemble ? config.instanceGroup : normaliseInstanceGroups(config, gpus),
  });
}

/** Dynamic batching with nothing asked for: take what is queued, up to max_batch_size, without waiting. */
export function emptyDynamicBatching(): ModelDynamicBatching {
  return Object.freeze({
    preferredBatchSize: Object.freeze([]),
    maxQueueDelayMicroseconds: 0,
    preserveOrdering: false,
    priorityLevels: 0,
    defaultPriorityLevel: 0,
    defaultQueuePolicy: undefined,
    priorityQueuePolicy: Object.freeze({}),
  });
}

/** The policy of a model that names none. */
export function latestVersion() {
  return Object.freeze({ latest: Object.freeze({ numVersions: 1 }), all: undefined, specific: undefined });
}

function withPreferred<T extends { readonly preferredBatchSize: readonly number[] }>(
  batching: T,
  maxBatchSize: number,
): T {
  if (batching.preferredBatchSize.length > 0 || maxBatchSize < 1) return batching;
  return Object.freeze({ ...batching, preferredBatchSize: Object.freeze([maxBatchSize]) });
}

const defaultSequenceIdleMicros = 1_000_000;

function normaliseSequence(batching: ModelSequenceBatching, maxBatchSize: number): ModelSequenceBatching {
  return Object.freeze({
    ...batching,
    maxSequenceIdleMicroseconds: batching.maxSequenceIdleMicroseconds || defaultSequenceIdleMicros,
    oldest: batching.oldest && withPreferred(batching.oldest, maxBatchSize),
  });
}

function withPinnedMemory(optimization: ModelOptimizationPolicy | undefined): ModelOptimizationPolicy {
  const enabled = Object.freeze({ enable: true });
  return Object.freeze({
    graph: optimization?.graph,
    priority: optimization?.priority ?? "PRIORITY_DEFAULT",
    cuda: optimization?.cuda,
    executionAccelerators: optimization?.executionAccelerators,
    inputPinnedMemory: optimization?.inputPinnedMemory ?? enabled,
    outputPinnedMemory: optimization?.outputPinnedMemory ?? enabled,
    gatherKernelBufferThreshold: optimization?.gatherKernelBufferThreshold ?? 0,
    eagerBatching: optimization?.eagerBatching ?? false,
  });
}

function normaliseInstanceGroups(
  config: ModelConfig,
  gpus: readonly number[],
): readonly ModelInstanceGroup[] {
  const groups = config.instanceGroup.length > 0 ? config.instanceGroup : [defaultGroup(config.name)];
  return Object.freeze(groups.map((group, index) => normaliseGroup(group, index, config, gpus)));
}

function defaultGroup(name: string): ModelInstanceGroup {
  return {
    name,
    kind: "KIND_AUTO",
    count: 0,
    gpus: [],
    passive: false,
    hostPolicy: "",
    profile: Object.freeze([]),
    rateLimiter: undefined,
    secondaryDevices: Object.freeze([]),
  };
}

function normaliseGroup(
  group: ModelInstanceGroup,
  index: number,
  config: ModelConfig,
  gpus: readonly number[],
): ModelInstanceGroup {
  const kind = group.kind === "KIND_AUTO" ? autoKind(group, gpus) : group.kind;
  const defaultCount = kind === "KIND_CPU" && config.backend === "tensorflow" ? 2 : 1;
  const usesAll = kind === "KIND_GPU" && group.gpus.length === 0;
  return Object.freeze({
    ...group,
    name: group.name || `${config.name}_${index}`,
    kind,
    count: group.count < 1 ? defaultCount : group.count,
    gpus: Object.freeze(usesAll ? [...gpus] : [...group.gpus]),
  });
}

function autoKind(group: ModelInstanceGroup, gpus: readonly number[]): "KIND_GPU" | "KIND_CPU" {
  return gpus.length > 0 && group.gpus.every((id) => gpus.includes(id)) ? "KIND_GPU" : "KIND_CPU";
}
