import { availableParallelism } from "node:os";
import type { ModelConfig } from "../config/model-config.js";
import { sampleShapes } from "../config/sample-shapes.js";
import type { TensorFlowBackendOptions } from "../config/tensorflow-options.js";
import { tensorFlowPlans } from "../config/tensorflow-plans.js";
import type { InstanceOptions } from "./engine-model.js";
import { measuredBatchSizes, threadsGain } from "./measured-sizes.js";
import type { NativePlace } from "./tensorflow-addon.js";
import type { ModelSize } from "./tensorflow-model-size.js";

/** Where a model's instances run. */
export interface SessionPlaces {
  /** One for each device that has instances. */
  readonly places: readonly NativePlace[];
  /** By instance, the index of its place. */
  readonly placeOf: readonly number[];
  readonly warnings: readonly string[];
}

/**
 * Groups a TensorFlow model's instances by device, with the ways to run there.
 *
 * A CPU instance sees no GPU. On a GPU, operations that name no device go to that one; the first is where TensorFlow puts
 * them by itself. KIND_MODEL leaves the placement to the model.
 *
 * @throws {ServingError} see `tensorFlowPlans`
 * @see Triton `ModelInstanceGroup.Kind`
 */
export function sessionPlaces(
  config: ModelConfig,
  backend: TensorFlowBackendOptions,
  instances: readonly InstanceOptions[],
  { isSmall, measurable, isFreezable }: ModelSize,
): SessionPlaces {
  const places: NativePlace[] = [];
  const warnings = new Set<string>();
  const numbers = new Map<string, number>();
  const placeOf = instances.map(({ kind, device }) => {
    const key = `${kind} ${device}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const {
      plans,
      fallback,
      freezingConfig,
      warnings: found,
    } = tensorFlowPlans(config, backend, {
      kind,
      smallModel: isSmall,
      measurable,
      freezable: isFreezable,
    });
    for (const warning of found) warnings.add(warning);
    numbers.set(key, places.length);
    places.push({
      plans,
      fallback,
      freezingConfig,
      rows: measuredBatchSizes(config.maxBatchSize),
      sampleShapes: sampleShapes(config),
      threadsGain: threadsGain(instances.length, availableParallelism()),
      runsSamples: measurable !== "nothing",
      device: deviceName(kind, device),
      clearsDevices: kind !== "KIND_MODEL",
    });
    return places.length - 1;
  });
  return { places, placeOf, warnings: [...warnings] };
}

/** "" where operations need not be told. */
function deviceName(kind: InstanceOptions["kind"], device: number): string {
  return kind === "KIND_GPU" && device > 0 ? `/device:GPU:${device}` : "";
}
