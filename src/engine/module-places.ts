import { availableParallelism } from "node:os";
import type { ModelConfig } from "../config/model-config.js";
import { sampleShapes } from "../config/sample-shapes.js";
import type { TorchParameters } from "../config/torch-parameters.js";
import { torchPlans } from "../config/torch-plans.js";
import type { InstanceOptions } from "./engine-model.js";
import { measuredBatchSizes, threadsGain } from "./measured-sizes.js";
import type { NativeModule, NativeTorchPlace } from "./torch-addon.js";

/** Where a model's instances run. */
export interface ModulePlaces {
  /** One for each device that has instances. */
  readonly places: readonly NativeTorchPlace[];
  /** By instance, the index of its place. */
  readonly placeOf: readonly number[];
}

/**
 * Groups a TorchScript model's instances by device, with the ways to run there.
 *
 * @param modules by device, see `torchDevice`
 * @param size what the module's size and inputs allow
 * @throws {ServingError} see `torchPlans`
 */
export function modulePlaces(
  config: ModelConfig,
  parameters: TorchParameters,
  instances: readonly InstanceOptions[],
  modules: ReadonlyMap<string, NativeModule>,
  size: { readonly smallModel: boolean; readonly measurable: boolean },
): ModulePlaces {
  const devices = [...modules.keys()];
  const places = [...modules].map(([device, { handle, freezable }]) => {
    const { kind } = instances.find((instance) => torchDevice(instance) === device) as InstanceOptions;
    return {
      module: handle,
      ...torchPlans(config.name, parameters, { kind, freezable, ...size }),
      rows: measuredBatchSizes(config.maxBatchSize),
      sampleShapes: sampleShapes(config),
      threadsGain: threadsGain(instances.length, availableParallelism()),
      runsSamples: size.measurable,
    };
  });
  return { places, placeOf: instances.map((instance) => devices.indexOf(torchDevice(instance))) };
}

/** libtorch's name of an instance's device; "": the module places itself. */
export function torchDevice({ kind, device }: InstanceOptions): string {
  if (kind === "KIND_GPU") return `cuda:${device}`;
  return kind === "KIND_CPU" ? "cpu" : "";
}
