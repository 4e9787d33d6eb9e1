import { findEngineGpus } from "../engine/find-gpus.js";

/** Ids of the GPUs that models of a backend may use, ascending. */
export type ModelGpus = (backend: string) => readonly number[];

/** @param given those for every backend; undefined: those that the backend's engine can use on this machine */
export function modelGpus(given: readonly number[] | undefined): ModelGpus {
  return (backend) => given ?? findEngineGpus(backend);
}
