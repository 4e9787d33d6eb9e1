import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { completeMessage } from "./complete-message.js";
import { readJsonMessage } from "./json-format.js";
import type { Message } from "./message.js";
import { modelConfigSchema } from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";
import { readTextFormat } from "./text-format.js";
import { TextFormatError } from "./text-format-error.js";

/**
 * Reads a `config.pbtxt`.
 *
 * @param path where the text is from, for the error
 * @throws {ServingError} INTERNAL, `failed to read text proto from PATH`, then line, column and reason
 */
export function readModelConfig(text: string, path: string): ModelConfig {
  try {
    return toModelConfig(readTextFormat(text, modelConfigSchema()));
  } catch (error) {
    if (!(error instanceof TextFormatError)) throw error;
    throw new ServingError(Code.INTERNAL, `failed to read text proto from ${path}: ${error.message}`, {
      cause: error,
    });
  }
}

/**
 * Reads the configuration given with a load request: protobuf-JSON, with field names in snake_case or camelCase,
 * 64-bit integers as numbers or strings and enum names in any case. It replaces the model's file, it is not merged.
 *
 * @throws {ServingError} INVALID_ARGUMENT, `Invalid config override: ` and the reason
 */
export function readModelConfigJson(json: string): ModelConfig {
  try {
    return toModelConfig(readJsonMessage(JSON.parse(json), modelConfigSchema()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`Invalid config override: ${reason}`);
  }
}

/** The configuration of a model that has none: every field at its default. */
export function emptyModelConfig(): ModelConfig {
  return toModelConfig(new Map());
}

function toModelConfig(message: Message): ModelConfig {
  return completeMessage(message, modelConfigSchema()) as unknown as ModelConfig;
}
