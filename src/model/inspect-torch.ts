import { bindTorchModel } from "../config/bind-torch-model.js";
import { checkSupport } from "../config/check-support.js";
import { checkTorchConfig } from "../config/check-torch-config.js";
import { fillPlatform } from "../config/fill-platform.js";
import type { ModelConfig } from "../config/model-config.js";
import { readModelConfig } from "../config/read-model-config.js";
import { type TorchDescription, torchSkeleton } from "../config/torch-skeleton.js";
import { Code, ServingError } from "../inference/serving-error.js";
import type { Found } from "./find-inspected.js";
import { checkValid, judge } from "./judge-config.js";
import { isFile } from "./model-directory.js";

/** What a TorchScript file says; libtorch has read it. */
export interface TorchInspection extends TorchDescription {
  readonly kind: "TorchScript";
  /** Absolute. */
  readonly path: string;
  /** As written; undefined if it names no inputs and outputs, for the file cannot complete them. */
  readonly config: ModelConfig | undefined;
  /** A `config.pbtxt` to be completed, with what the file does not tell marked in comments. */
  readonly skeleton: string;
  /** Why the model cannot be loaded with this configuration, or with any; undefined if nothing stands in the way. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
}

/** @throws {ServingError} NOT_FOUND; INVALID_ARGUMENT if it is no TorchScript; UNAVAILABLE without libtorch */
export async function inspectTorchModel({ path, config, problem }: Found): Promise<TorchInspection> {
  if (!(await isFile(path))) {
    throw new ServingError(Code.NOT_FOUND, `unable to find '${path}' of model '${config.name}'`);
  }
  // Only now, so that TensorFlow's models can be inspected where no engine is.
  const { describeTorchModule } = await import("../engine/describe-torch-module.js");
  const description = await describeTorchModule(path);
  const skeleton = torchSkeleton(config.name, description);
  const isConfigured = config.input.length > 0 || config.output.length > 0;
  const warnings = description.training ? [inTraining(config.name)] : [];
  const judged = judge(problem, () => {
    const checked = isConfigured
      ? config
      : fillPlatform(readModelConfig(skeleton, "the skeleton"), config.name, []);
    warnings.push(...checkSupport(checked));
    if (isConfigured) checkValid(checked);
    checkTorchConfig(checked);
    warnings.push(...bindTorchModel(checked, description.signature).warnings);
  });
  return {
    kind: "TorchScript",
    path,
    ...description,
    config: isConfigured ? config : undefined,
    skeleton,
    problem: judged,
    warnings,
  };
}

function inTraining(model: string): string {
  return `model '${model}' was saved in training mode, in which dropout and batch normalisation act: call eval() before saving`;
}
