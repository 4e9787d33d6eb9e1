import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import type { ModelConfig } from "./model-config.js";
import { pythonPlatform } from "./python-platform.js";

/** In what the backends that run SavedModels differ when they complete a configuration. */
export interface CompletionRules {
  /** Largest batch of a model that can be batched, if its configuration says nothing; undefined: the backend's option. */
  readonly maxBatchSize: number | undefined;
  /** Whether a model with scalars can be batched. */
  readonly batchesScalars: boolean;
  /** Whether a model that can be batched is, where its configuration lists tensors and none of them tells. */
  readonly batchesUndecided: boolean;
  /** Whether a model whose configuration demands batches, but no scheduler, gets the dynamic batcher. */
  readonly addsBatcher: boolean;
  /** Whether outputs that the configuration does not list are added to those that it does. */
  readonly addsOutputs: boolean;
  /** Dims, without the batch dimension, of a tensor of unknown rank; undefined: the configuration has to give them. */
  readonly unknownRank: Shape | undefined;
  /** For a model that cannot be batched though its configuration demands it. */
  readonly noBatching: (config: ModelConfig) => ServingError;
}

const tensorFlow: CompletionRules = {
  maxBatchSize: undefined,
  batchesScalars: true,
  batchesUndecided: false,
  addsBatcher: true,
  addsOutputs: false,
  unknownRank: undefined,
  noBatching: ({ name, maxBatchSize }) =>
    new ServingError(
      Code.INTERNAL,
      `unable to autofill for '${name}', configuration specified max-batch ${maxBatchSize} but model signature does not ` +
        "support batching",
    ),
};

const python: CompletionRules = {
  maxBatchSize: 4,
  batchesScalars: false,
  batchesUndecided: true,
  addsBatcher: false,
  addsOutputs: true,
  unknownRank: Object.freeze([-1]),
  noBatching: ({ maxBatchSize }) =>
    invalidArgument(
      `The model signature does not support batching, yet model config has max_batch_size set to '${maxBatchSize}'`,
    ),
};

/** @see Triton TensorFlow backend, "Auto-Complete Model Configuration"; Python backend, platform `tensorflow_savedmodel` */
export function completionRules(config: ModelConfig): CompletionRules {
  return pythonPlatform(config) === undefined ? tensorFlow : python;
}
