import { invalidArgument } from "../inference/serving-error.js";
import type { ModelConfig, ModelInstanceGroup } from "./model-config.js";

/** Checks instance groups against the machine's GPUs: see {@link validate}. */
export function validateInstanceGroups(config: ModelConfig, gpus: readonly number[]): void {
  if (config.platform === "ensemble") return;
  if (config.instanceGroup.length === 0) {
    throw invalidArgument(`must specify one or more 'instance group's for ${config.name}`);
  }
  if (config.instanceGroup.every(({ passive }) => passive)) {
    throw invalidArgument(
      `every instance group of model ${config.name} is passive, expected at least one that takes requests`,
    );
  }
  for (const group of config.instanceGroup) {
    const fault = faultOf(group, gpus);
    if (fault) throw invalidArgument(`instance group ${group.name} of model ${config.name} ${fault}`);
  }
}

function faultOf(group: ModelInstanceGroup, gpus: readonly number[]): string | undefined {
  const namesGpus = group.gpus.length > 0;
  if (group.profile.length > 0) {
    return `has kind ${group.kind} but specifies one or more profiles, which only TensorRT models have`;
  }
  if (group.kind === "KIND_MODEL") {
    return namesGpus ? "has kind KIND_MODEL but specifies one or more GPUs" : undefined;
  }
  if (group.kind === "KIND_CPU") {
    return namesGpus ? "has kind KIND_CPU but specifies one or more GPUs" : undefined;
  }
  if (gpus.length === 0) {
    return "has kind KIND_GPU but no GPUs are available: `tandem doctor` tells of GPUs and of engines built for them";
  }
  if (!namesGpus) return "has kind KIND_GPU but specifies no GPUs";
  const unknown = group.gpus.find((id) => !gpus.includes(id));
  if (unknown === undefined) return undefined;
  return `specifies invalid or unsupported gpu id ${unknown}. GPUs available are: ${gpus.join(", ")}`;
}
