import { bindLeaves, type CallSpec, readCallSpec } from "../config/aoti-naming.js";
import { packageSkeleton } from "../config/aoti-skeleton.js";
import { checkAotiConfig } from "../config/check-aoti-package.js";
import { checkSupport } from "../config/check-support.js";
import type { ModelConfig } from "../config/model-config.js";
import type { PackageDescription } from "../engine/describe-package.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Found } from "./find-inspected.js";
import { checkValid, judge } from "./judge-config.js";
import { isFile } from "./model-directory.js";

/** What an AOTInductor package says; nothing of it has been run. */
export interface PackageInspection extends PackageDescription {
  readonly kind: "AOTInductor";
  /** Absolute. */
  readonly path: string;
  readonly callSpec: CallSpec;
  /** As written; undefined if it names no inputs and outputs. */
  readonly config: ModelConfig | undefined;
  /** A `config.pbtxt` to be completed, with what the file does not tell marked in comments. */
  readonly skeleton: string;
  /** Why the model cannot be loaded with this configuration; undefined if nothing stands in the way. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
}

/** @throws {ServingError} NOT_FOUND; INVALID_ARGUMENT if it is no package, or does not tell; UNAVAILABLE without libtorch */
export async function inspectPackage({ path, config, problem }: Found): Promise<PackageInspection> {
  if (!(await isFile(path))) {
    throw new ServingError(Code.NOT_FOUND, `unable to find '${path}' of model '${config.name}'`);
  }
  // Only now, so that TensorFlow's models can be inspected where no engine is.
  const { describePackage } = await import("../engine/describe-package.js");
  const { bindPackageInputs } = await import("../engine/bind-package.js");
  const { modelTensors } = await import("../engine/model-tensors.js");
  const description = await describePackage(path);
  const { trees } = description.source;
  if (trees === undefined) throw invalidArgument(`unable to inspect '${path}': its source is not in it`);
  const callSpec = readCallSpec(trees.arguments, trees.results);
  const isConfigured = config.input.length > 0 || config.output.length > 0;
  const warnings: string[] = [];
  const judged = judge(problem, () => {
    if (!isConfigured) return;
    warnings.push(...checkSupport(config));
    checkValid(config);
    checkAotiConfig(config);
    const tensors = modelTensors(config);
    warnings.push(...bindPackageInputs(config, tensors, callSpec.inputs, description.source).warnings);
    const outputs = tensors.outputs.map(({ name }) => name);
    bindLeaves(config.name, "output", outputs, callSpec.outputs);
  });
  return {
    kind: "AOTInductor",
    path,
    ...description,
    callSpec,
    config: isConfigured ? config : undefined,
    skeleton: packageSkeleton(config.name, callSpec, description.source),
    problem: judged,
    warnings,
  };
}
