import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ModelConfig } from "../config/model-config.js";
import { frameworkBackend } from "../config/python-platform.js";
import { type ChosenSignature, chooseSignature, readSavedModel } from "../config/saved-model-signature.js";
import { readProtobufFile } from "../engine/protobuf-file.js";
import { Code, ServingError } from "../inference/serving-error.js";
import type { Logger } from "./logger.js";
import { isFile } from "./model-directory.js";

export interface ReadSavedModel extends ChosenSignature {
  /** SHA-256 of `saved_model.pb`; undefined for a large one, which would hold up the event loop. */
  readonly graphHash: string | undefined;
}

const HASHED_BYTES = 4 * 2 ** 20;

/**
 * What a SavedModel's `saved_model.pb` says of the graph and signature that the configuration's parameters choose. Read
 * once for each version: completing the configuration and loading both need it.
 *
 * @param path the SavedModel's directory
 * @returns undefined for a model that is none
 * @throws {ServingError} UNAVAILABLE if the file is not there; INVALID_ARGUMENT if it is too large; INVALID_ARGUMENT or UNIMPLEMENTED as `readSavedModel` and
 *   `chooseSignature` say, which becomes INTERNAL, with the reference's words, where the configuration was to be completed
 */
export async function readChosenSignature(
  config: ModelConfig,
  path: string,
  { autoComplete, logger }: { readonly autoComplete: boolean; readonly logger: Logger },
): Promise<ReadSavedModel | undefined> {
  const isTensorFlow = frameworkBackend(config) === "tensorflow";
  if (!isTensorFlow || config.platform !== "tensorflow_savedmodel") return undefined;
  const file = join(path, "saved_model.pb");
  if (!(await isFile(file))) {
    throw new ServingError(Code.UNAVAILABLE, `unable to find '${file}' for model instance '${config.name}'`);
  }
  const bytes = await readProtobufFile(file, "SavedModel");
  try {
    const chosen = chooseSignature(readSavedModel(bytes), config);
    for (const warning of chosen.warnings) logger.warn(warning);
    return { ...chosen, graphHash: bytes.length > HASHED_BYTES ? undefined : sha256(bytes) };
  } catch (error) {
    if (!autoComplete) throw error;
    throw new ServingError(
      Code.INTERNAL,
      `unable to auto-complete model configuration for '${config.name}', failed to load model: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
