import { readdirSync } from "node:fs";
import { findTensorflow } from "./find-tensorflow.js";
import { findTorch } from "./find-torch.js";

/** Where GPUs are looked for. */
export interface GpuPlaces {
  readonly env: NodeJS.ProcessEnv;
  /** Names of the files in `/dev`. */
  readonly deviceFiles: () => readonly string[];
}

const thisMachine: GpuPlaces = {
  env: process.env,
  deviceFiles: () => readdirSync("/dev"),
};

/**
 * Ids of the NVIDIA GPUs that CUDA shows to this process, ascending: as CUDA numbers them, from 0 in the order of
 * `CUDA_VISIBLE_DEVICES` where that is set. No library is loaded.
 *
 * @see CUDA C++ Programming Guide, "CUDA Environment Variables"
 */
export function findGpus({ env, deviceFiles }: GpuPlaces = thisMachine): readonly number[] {
  const present = deviceFiles().filter((name) => /^nvidia\d+$/.test(name)).length;
  const count = Math.min(present, visibleCount(env.CUDA_VISIBLE_DEVICES, present));
  return Array.from({ length: count }, (_, id) => id);
}

/**
 * GPUs that an engine can use: those of the machine if the engine found was built with CUDA, else none. Where nothing
 * beside an engine's library tells, it counts as built without.
 *
 * @param backend as in a configuration: `tensorflow`, `pytorch`
 */
export function findEngineGpus(backend: string, places: GpuPlaces = thisMachine): readonly number[] {
  const gpus = findGpus(places);
  if (gpus.length === 0) return gpus; // and then it does not matter how an engine was built
  return builtWithCuda(backend, places.env) ? gpus : [];
}

function builtWithCuda(backend: string, env: NodeJS.ProcessEnv): boolean {
  if (backend === "tensorflow") return findTensorflow(env).runtime?.cuda === true;
  return backend === "pytorch" && findTorch(env).runtime?.cuda === true;
}

/** How many devices `CUDA_VISIBLE_DEVICES` names before the first that is not there or named twice. */
function visibleCount(listed: string | undefined, present: number): number {
  if (listed === undefined) return present;
  const seen = new Set<string>();
  for (const entry of listed.split(",").map((each) => each.trim())) {
    const isDevice = /^(?:GPU|MIG)-/.test(entry) || (/^\d+$/.test(entry) && Number(entry) < present);
    if (!isDevice || seen.has(entry)) break;
    seen.add(entry);
  }
  return seen.size;
}
