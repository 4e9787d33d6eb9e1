import type { BatchStatistics, DurationCounter, ModelStatistics } from "../../metrics/model-statistics.js";

export interface ModelWithStatistics {
  readonly name: string;
  readonly version: number;
  readonly statistics: ModelStatistics;
}

/** @see Triton "Statistics Extension" */
export function statisticsJson(models: readonly ModelWithStatistics[]): string {
  return JSON.stringify({ model_stats: models.map(modelStatistics) });
}

function modelStatistics({ name, version, statistics }: ModelWithStatistics) {
  return {
    name,
    version: `${version}`,
    last_inference: statistics.lastInference,
    inference_count: statistics.inferenceCount,
    execution_count: statistics.executionCount,
    inference_stats: {
      success: duration(statistics.success),
      fail: duration(statistics.fail),
      queue: duration(statistics.queue),
      compute_input: duration(statistics.computeInput),
      compute_infer: duration(statistics.computeInfer),
      compute_output: duration(statistics.computeOutput),
      cache_hit: duration(statistics.cacheHit),
      cache_miss: duration(statistics.cacheMiss),
    },
    response_stats: {},
    batch_stats: [...statistics.batches].sort(([left], [right]) => left - right).map(batchStatistics),
    memory_usage: [],
  };
}

function batchStatistics([batchSize, batch]: [number, BatchStatistics]) {
  return {
    batch_size: batchSize,
    compute_input: duration(batch.computeInput),
    compute_infer: duration(batch.computeInfer),
    compute_output: duration(batch.computeOutput),
  };
}

function duration({ count, ns }: DurationCounter) {
  return { count, ns: Math.round(ns) };
}
