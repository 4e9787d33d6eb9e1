import { resolve } from "node:path";
import type { BackendConfig } from "../config/backend-config.js";
import { pythonPlatform } from "../config/python-platform.js";
import { invalidArgument } from "../inference/serving-error.js";
import { type Found, findModel } from "./find-inspected.js";
import { inspectPackage, type PackageInspection } from "./inspect-package.js";
import { inspectGraphDef, inspectSavedModel, type TensorFlowInspection } from "./inspect-tensorflow.js";
import { inspectTorchModel, type TorchInspection } from "./inspect-torch.js";

export type ModelInspection = TensorFlowInspection | TorchInspection | PackageInspection;

export interface InspectOptions {
  readonly backendConfig?: BackendConfig | undefined;
  /** In place of the configuration's `TF_GRAPH_TAG`. */
  readonly tag?: string | undefined;
  /** In place of the configuration's `TF_SIGNATURE_DEF`. */
  readonly signature?: string | undefined;
}

/**
 * Reads what a model's files say: signatures, operations, weights, and the configuration that would be used, or for
 * PyTorch's files a skeleton of one. Loads no engine but libtorch, for those.
 *
 * @param path a SavedModel directory, a model directory as in a Triton repository, a frozen graph (`.pb`, `.graphdef`)
 *   a TorchScript file (`.pt`, `.pth`) or an AOTInductor package (`.pt2`)
 * @throws {ServingError} NOT_FOUND if nothing is there; INVALID_ARGUMENT if it is none of these or damaged;
 *   UNAVAILABLE if libtorch is needed and missing. A configuration that is wrong or cannot be completed is no error but
 *   the result's `problem`.
 */
export async function inspectModel(path: string, options: InspectOptions = {}): Promise<ModelInspection> {
  const found = withParameters(await findModel(resolve(path)), options);
  const platform = pythonPlatform(found.config) ?? found.config.platform;
  if (platform === "tensorflow_graphdef") return inspectGraphDef(found);
  if (platform === "tensorflow_savedmodel") return inspectSavedModel(found, options.backendConfig);
  if (platform === "pytorch_libtorch") return inspectTorchModel(found);
  if (platform === "torch_aoti") return inspectPackage(found);
  throw invalidArgument(
    `unable to inspect '${path}': platform '${platform}', expected tensorflow_savedmodel, ` +
      "tensorflow_graphdef, pytorch_libtorch or torch_aoti",
  );
}

function withParameters(found: Found, { tag, signature }: InspectOptions): Found {
  const parameters = {
    ...found.config.parameters,
    ...(tag === undefined ? {} : { TF_GRAPH_TAG: { stringValue: tag } }),
    ...(signature === undefined ? {} : { TF_SIGNATURE_DEF: { stringValue: signature } }),
  };
  return { ...found, config: { ...found.config, parameters } };
}
