import type { ModelConfig } from "../config/model-config.js";
import type { ChosenSignature } from "../config/saved-model-signature.js";
import type { LoadOptions } from "./engine-model.js";

/** What an engine needs to load a version of a model. */
export interface EngineLoadRequest extends LoadOptions {
  /** The model's file or directory; absolute, and it is there. */
  readonly path: string;
  /** The model's, in which its version directories lie; absolute. */
  readonly directory: string;
  /** Complete, normalised and valid. */
  readonly config: ModelConfig;
  /** The graph and signature of a SavedModel that the configuration chooses; undefined for other models. */
  readonly savedModel: ChosenSignature | undefined;
  /** Of the file with a SavedModel's graph: the same for models that differ in their weights only. */
  readonly graphHash: string | undefined;
  /** `--backend-config` settings of the engine's backend, by key. */
  readonly settings: ReadonlyMap<string, string>;
  /** Told what the operator should know and nothing fails for. */
  readonly warn: (message: string) => void;
  /** For what a process of the model's own has to say. */
  readonly logger: EngineLogger;
  /** In a process of the model's own: where its batches come from. One for each instance. */
  readonly channels?: readonly NativeChannel[];
}

export interface EngineLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** Descriptors of this process for one instance. */
export interface NativeChannel {
  readonly socket: number;
  readonly memory: number;
}
