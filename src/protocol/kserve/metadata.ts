import type { Datatype } from "../../inference/datatype.js";
import type { Shape } from "../../inference/shape.js";

/** Protocol extensions that this server offers, as `GET /v2` lists them. */
export const extensions = [
  "classification",
  "model_repository",
  "model_repository(unload_dependents)",
  "schedule_policy",
  "model_configuration",
  "binary_tensor_data",
  "parameters",
  "statistics",
] as const;

/** @see KServe v2 "Server Metadata Response JSON Object" */
export function serverMetadataJson(name: string, version: string): string {
  return JSON.stringify({ name, version, extensions });
}

interface TensorDescription {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: Shape;
}

/** What a model says of itself. */
export interface ModelDescription {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

/**
 * @param version the version asked for, then the only one listed; undefined: all that are ready
 * @see KServe v2 "Model Metadata Response JSON Object"
 */
export function modelMetadataJson(model: ModelDescription, version: number | undefined): string {
  return JSON.stringify({
    name: model.name,
    versions: version === undefined ? model.versions : [`${version}`],
    platform: model.platform,
    inputs: model.inputs.map(describe),
    outputs: model.outputs.map(describe),
  });
}

function describe({ name, datatype, shape }: TensorDescription): TensorDescription {
  return { name, datatype, shape };
}
