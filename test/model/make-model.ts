import type { TensorSpec } from "../../src/engine/engine-model.js";
import type { InferenceRequest } from "../../src/inference/request.js";
import { Tensor } from "../../src/inference/tensor.js";
import { ModelVersion } from "../../src/model/model-version.js";
import { coalesceRows } from "../../src/scheduler/choose-scheduler.js";
import type { RateLimiter } from "../../src/scheduler/rate-limiter.js";
import { FakeEngine, type FakeEngineOptions } from "../support/fake-engine.js";
import { doubleConfig, modelConfig } from "../support/model-config.js";

/** A model version over a fake engine whose tensors are those of the configuration, unless said otherwise. */
export function makeModel(
  configText = doubleConfig,
  options: FakeEngineOptions = {},
  rateLimiter?: RateLimiter,
) {
  const config = modelConfig(configText);
  const spec = ({ name }: { name: string }): TensorSpec => ({ name, datatype: "FP32", shape: undefined });
  const engine = new FakeEngine({
    inputs: config.input.map(spec),
    outputs: config.output.map(spec),
    coalesceRows: coalesceRows(config, rateLimiter !== undefined),
    ...options,
  });
  const labels = new Map([["y", ["cat", "dog"]]]);
  const model = new ModelVersion({
    version: 3,
    config,
    engine,
    labels,
    readyVersions: () => [2, 3],
    rateLimiter,
  });
  return { model, engine };
}

export function fp32(name: string, shape: readonly number[], values?: readonly number[]): Tensor {
  const count = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from(values ?? Array(count).fill(0));
  return new Tensor(name, "FP32", shape, new Uint8Array(data.buffer));
}

export function request(
  inputs: readonly Tensor[],
  more: Partial<Omit<InferenceRequest, "inputs">> = {},
): InferenceRequest {
  return { id: "", inputs, ...more };
}

/** What a promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code: number }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code: number };
  }
  throw new Error("expected a rejection");
}
