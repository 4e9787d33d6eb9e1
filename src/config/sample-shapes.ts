import type { ModelConfig } from "./model-config.js";

/**
 * The usual shapes of a model's inputs, as its warm-up samples tell them: what its way of running is measured with.
 *
 * @returns by configured input, dimensions as the framework sees them, without the batch dimension; empty where no sample has
 *   that input, leaves a dimension open, or the input is reshaped
 */
export function sampleShapes({ input, modelWarmup }: ModelConfig): number[][] {
  return input.map(({ name, reshape }) => {
    if (reshape !== undefined) return [];
    const sample = modelWarmup.find(({ inputs, batchSize }) => batchSize > 0 && Object.hasOwn(inputs, name));
    const dims = sample?.inputs[name]?.dims ?? [];
    return dims.every((dim) => dim >= 0) ? [...dims] : [];
  });
}
