import type { ModelConfig } from "../config/model-config.js";
import type { EngineModel, LoadOptions } from "../engine/engine-model.js";

/** What an engine needs to load a version of a model. */
export interface EngineLoadRequest extends LoadOptions {
  /** The model's file or directory; absolute, and it is there. */
  readonly path: string;
  /** Complete, normalised and valid. */
  readonly config: ModelConfig;
  /** `--backend-config` settings of the engine's backend, by key. */
  readonly settings: ReadonlyMap<string, string>;
}

/**
 * Loads one version of a model. The tensors of the result are named as in the configuration.
 *
 * @throws {ServingError} with the engine's own message
 */
export type EngineLoader = (request: EngineLoadRequest) => Promise<EngineModel>;

/** By backend name: `tensorflow`, `pytorch`. */
export type EngineLoaders = Readonly<Record<string, EngineLoader>>;
