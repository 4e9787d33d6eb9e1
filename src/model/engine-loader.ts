import type { EngineLoadRequest } from "../engine/engine-load-request.js";
import type { EngineModel } from "../engine/engine-model.js";

/**
 * Loads one version of a model. The tensors of the result are named as in the configuration.
 *
 * @throws {ServingError} with the engine's own message
 */
export type EngineLoader = (request: EngineLoadRequest) => Promise<EngineModel>;

/** By backend name: `tensorflow`, `pytorch`. */
export type EngineLoaders = Readonly<Record<string, EngineLoader>>;
