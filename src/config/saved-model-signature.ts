import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import { loadDescriptor } from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";
import { pythonPlatform } from "./python-platform.js";
import { type DecodedShape, shapeOf } from "./tensor-shape.js";

/** One graph of a SavedModel, found by its tags. */
export interface MetaGraph {
  readonly tags: readonly string[];
  /** By signature name, in alphabetical order: the file has none. */
  readonly signatures: ReadonlyMap<string, Signature>;
}

/** Inputs and outputs by alphabetical key: the file has no order. */
export interface Signature {
  readonly inputs: readonly SignatureTensor[];
  readonly outputs: readonly SignatureTensor[];
}

export interface SignatureTensor {
  /** What the configuration and clients call it. */
  readonly key: string;
  /** `operation:index` in the graph; "" for sparse and composite tensors. */
  readonly tensorName: string;
  /** TensorFlow's name: `DT_FLOAT`. */
  readonly dtype: string;
  /** Batch dimension included, -1 variable; undefined where the rank is unknown. */
  readonly shape: Shape | undefined;
}

/** The part of a SavedModel that a model's parameters choose. */
export interface ChosenSignature {
  /** All tags of the graph: TensorFlow finds a graph by the complete set. */
  readonly tags: readonly string[];
  readonly name: string;
  readonly signature: Signature;
  readonly warnings: readonly string[];
}

interface DecodedTensor {
  name?: string;
  dtype?: string;
  tensor_shape?: DecodedShape;
}

interface DecodedSignature {
  inputs?: Record<string, DecodedTensor>;
  outputs?: Record<string, DecodedTensor>;
}

interface DecodedMetaGraph {
  meta_info_def?: { tags?: string[] };
  signature_def?: Record<string, DecodedSignature>;
}

/**
 * The graphs and signatures of a `saved_model.pb`. Graph definitions are skipped, so a large file is read fast.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the bytes are not a SavedModel message
 */
export function readSavedModel(bytes: Uint8Array): MetaGraph[] {
  const type = loadDescriptor("saved-model").lookupType("tensorflow.SavedModel");
  let decoded: { meta_graphs?: DecodedMetaGraph[] };
  try {
    decoded = type.toObject(type.decode(bytes), { longs: Number, enums: String });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ServingError(Code.INVALID_ARGUMENT, `saved_model.pb is not a SavedModel: ${reason}`);
  }
  return (decoded.meta_graphs ?? []).map((graph) => ({
    tags: graph.meta_info_def?.tags ?? [],
    signatures: new Map(
      byKey(graph.signature_def).map(([name, signature]) => [name, toSignature(signature)]),
    ),
  }));
}

/**
 * The graph and signature that `TF_GRAPH_TAG` (default `serve`) and `TF_SIGNATURE_DEF` (default `serving_default`)
 * name. Without `TF_SIGNATURE_DEF` and without a signature `serving_default`, the first that is not an init or train
 * operation is taken, with a warning. In the Python backend the first graph's first tag is the default where `serve` is
 * none of its tags.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the tag or the signature is missing; UNIMPLEMENTED if the signature has
 * a sparse or composite tensor
 */
export function chooseSignature(metaGraphs: readonly MetaGraph[], config: ModelConfig): ChosenSignature {
  const tag = config.parameters.TF_GRAPH_TAG?.stringValue || defaultTag(metaGraphs, config);
  const graph =
    metaGraphs.find(({ tags }) => tags.length === 1 && tags[0] === tag) ??
    metaGraphs.find(({ tags }) => tags.includes(tag));
  if (!graph)
    throw missing(
      config,
      `'${tag}' tag`,
      metaGraphs.map(({ tags }) => tags.join(", ")),
    );

  const explicit = config.parameters.TF_SIGNATURE_DEF?.stringValue;
  const name = signatureName(graph, explicit);
  const signature = name === undefined ? undefined : graph.signatures.get(name);
  if (name === undefined || !signature) {
    throw missing(config, `'${explicit || "serving_default"}' signature`, [...graph.signatures.keys()]);
  }
  checkDense(config, signature);
  const isFallback = !explicit && name !== "serving_default";
  const warning = `model '${config.name}' has no 'serving_default' signature; using '${name}' instead`;
  return { tags: graph.tags, name, signature, warnings: isFallback ? [warning] : [] };
}

function defaultTag(metaGraphs: readonly MetaGraph[], config: ModelConfig): string {
  const tags = metaGraphs[0]?.tags ?? [];
  const usual = "serve";
  if (pythonPlatform(config) === undefined || tags.includes(usual)) return usual;
  return tags[0] ?? usual;
}

const initAndTrain = ["__saved_model_init_op", "__saved_model_train_op"];

function signatureName(graph: MetaGraph, explicit: string | undefined): string | undefined {
  if (explicit) return explicit;
  if (graph.signatures.has("serving_default")) return "serving_default";
  return [...graph.signatures.keys()].find((name) => !initAndTrain.includes(name));
}

function checkDense(config: ModelConfig, signature: Signature): void {
  for (const { key, tensorName } of [...signature.inputs, ...signature.outputs]) {
    if (tensorName !== "") continue;
    throw new ServingError(
      Code.UNIMPLEMENTED,
      `unable to load model '${config.name}', tensor '${key}' is sparse or composite, expected a dense tensor`,
    );
  }
}

function toSignature({ inputs, outputs }: DecodedSignature): Signature {
  const tensors = (decoded: Record<string, DecodedTensor> | undefined) =>
    byKey(decoded).map(([key, tensor]) => toTensor(key, tensor));
  return { inputs: tensors(inputs), outputs: tensors(outputs) };
}

function toTensor(key: string, { name, dtype, tensor_shape }: DecodedTensor): SignatureTensor {
  return {
    key,
    tensorName: name ?? "",
    dtype: dtype ?? "DT_INVALID",
    shape: shapeOf(tensor_shape),
  };
}

function byKey<T>(map: Record<string, T> | undefined): [string, T][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function missing(config: ModelConfig, expected: string, existing: readonly string[]): ServingError {
  const listed = existing.map((name) => `'${name}'`).join(", ") || "none";
  return invalidArgument(
    `unable to load model '${config.name}', expected ${expected}; the model has: ${listed}`,
  );
}
