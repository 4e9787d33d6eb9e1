import { ServingError } from "../inference/serving-error.js";

/**
 * What a step of loading a PyTorch model gives; if it fails, the error names the model and keeps its code.
 *
 * @param explained the engine's message as users understand it; default: as it is
 */
export async function loading<Result>(
  model: string,
  work: Promise<Result>,
  explained: (message: string) => string = (message) => message,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    throw new ServingError(code, `failed to load model '${model}': ${explained(message)}`);
  }
}
