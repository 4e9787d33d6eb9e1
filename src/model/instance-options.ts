import type { ModelConfig, ModelInstanceGroup } from "../config/model-config.js";
import type { InstanceOptions } from "../engine/engine-model.js";
import type { InstanceDemand } from "../scheduler/rate-limiter.js";

/**
 * The instances that a normalised configuration asks for: `count` of each group, on each of its GPUs where it has any.
 * Passive groups are never given work and get none.
 *
 * @see Triton `ModelInstanceGroup`
 */
export function instanceOptions(config: ModelConfig): InstanceOptions[] {
  return activeGroups(config).flatMap(groupInstances);
}

/** What a rate limiter has to know of the same instances, in the same order. */
export function instanceDemands(config: ModelConfig): InstanceDemand[] {
  return activeGroups(config).flatMap((group) =>
    groupInstances(group).map(({ kind, device }) => ({
      device: kind === "KIND_GPU" ? device : "cpu",
      resources: group.rateLimiter?.resources ?? [],
      priority: group.rateLimiter?.priority ?? 0,
    })),
  );
}

function activeGroups({ instanceGroup }: ModelConfig): ModelInstanceGroup[] {
  return instanceGroup.filter((group) => !group.passive);
}

function groupInstances(group: ModelInstanceGroup): InstanceOptions[] {
  const kind = group.kind === "KIND_AUTO" ? "KIND_CPU" : group.kind;
  const devices = kind === "KIND_GPU" ? group.gpus : [0];
  const counted = (index: number) => (group.count > 1 ? `${group.name}_${index}` : group.name);
  return Array.from({ length: group.count }, (_, index) =>
    devices.map((device) => ({ name: counted(index), kind, device })),
  ).flat();
}
