import type { ModelConfig, ModelWarmup } from "../config/model-config.js";
import type { EngineModel, EngineRequest } from "../engine/engine-model.js";
import { invalidArgument, ServingError } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import type { Tensor } from "../inference/tensor.js";
import { bindRequest, type RequestLayout } from "./bind-request.js";
import { type InferencePlan, inferencePlan, type OutputPlan } from "./inference-plan.js";
import { instanceOptions } from "./instance-options.js";
import type { Logger } from "./logger.js";
import { warmupInputs } from "./warmup-sample.js";

/**
 * Runs the samples of `model_warmup` on a model that nobody else uses yet, so that the first requests find it warm: every
 * sample in order, as often as its `count` says, on all instances at the same time. They count in no statistics.
 *
 * @param directory the model's
 * @throws {ServingError} INVALID_ARGUMENT, with Triton's texts, if a sample does not fit the model or does not run
 * @see Triton `ModelWarmup`
 */
export async function warmUp(
  engine: EngineModel,
  config: ModelConfig,
  directory: string,
  logger: Logger,
): Promise<void> {
  if (config.modelWarmup.length === 0) return;
  const plan = inferencePlan(config, engine);
  const instances = instanceOptions(config);
  for (const sample of config.modelWarmup) {
    if (sample.batchSize === 0) continue;
    if (sample.batchSize > 1 && config.maxBatchSize === 0) {
      throw invalidArgument(
        `warmup sample '${sample.name}' has batch_size ${sample.batchSize}, expected 1: model '${config.name}' has no ` +
          "batch dimension",
      );
    }
    const inputs = await warmupInputs(sample, config, directory);
    for (let iteration = 1; iteration <= Math.max(1, sample.count); iteration++) {
      const runs = instances.map(async ({ name }, instance) => {
        logger.debug?.(
          `model '${config.name}' instance ${name} is running warmup sample '${sample.name}' for iteration ${iteration}`,
        );
        return run(engine, plan, sample, inputs, instance);
      });
      for (const errors of await Promise.all(runs)) {
        if (errors.length > 0) throw failed(sample, errors);
      }
    }
  }
}

/** @returns the errors of the sample's requests, which are one batch */
async function run(
  engine: EngineModel,
  plan: InferencePlan,
  { batchSize }: ModelWarmup,
  inputs: readonly Tensor[],
  instance: number,
): Promise<ServingError[]> {
  let requests: WarmupRequest[];
  try {
    requests = Array.from({ length: batchSize }, () => new WarmupRequest(plan, inputs));
  } catch (error) {
    return [ServingError.from(error)];
  }
  engine.execute(requests, instance);
  const outcomes = await Promise.all(requests.map(({ outcome }) => outcome));
  return outcomes.filter((error) => error !== undefined);
}

function failed({ name }: ModelWarmup, errors: readonly ServingError[]): ServingError {
  const told = errors.map(({ message }) => `${message}; `).join("");
  return invalidArgument(`failed to run warmup sample '${name}': ${told}`);
}

/** A request whose answer nobody reads. */
class WarmupRequest implements EngineRequest, RequestLayout {
  rows = 1;
  inputs: readonly (Uint8Array | undefined)[] = [];
  shapes: readonly (Shape | undefined)[] = [];
  outputs: readonly number[] | undefined;
  wanted: readonly OutputPlan[];
  /** Settles with the error, if there is one. */
  readonly outcome: Promise<ServingError | undefined>;
  private resolve: (error: ServingError | undefined) => void = () => {};

  /** @throws {ServingError} INVALID_ARGUMENT if the inputs are not what the model takes */
  constructor(plan: InferencePlan, inputs: readonly Tensor[]) {
    this.outputs = plan.allOutputs;
    this.wanted = plan.outputs;
    bindRequest(plan, { id: "", inputs }, this);
    this.outcome = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  settle(error: ServingError | undefined): void {
    this.resolve(error);
  }
}
