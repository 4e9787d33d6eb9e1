import type { InferenceRequest } from "../inference/request.js";
import type { Shape } from "../inference/shape.js";
import type { Tensor } from "../inference/tensor.js";
import { checkInputs, checkOutputs, isCountable } from "./check-request.js";
import { checkStringElements } from "./check-string-elements.js";
import type { Inference } from "./inference.js";
import type { InferencePlan, InputPlan } from "./inference-plan.js";
import { reshaped } from "./reshape.js";

/** What an engine reads of a request. */
export type RequestLayout = Pick<Inference, "rows" | "inputs" | "shapes" | "outputs" | "wanted">;

/**
 * Checks a request against the model's configuration and lays it out for the engine: fills `rows`, `inputs`, `shapes`,
 * `outputs` and `wanted` of `inference`.
 *
 * @throws {ServingError} `INVALID_ARGUMENT` with Triton's texts; the first fault in Triton's order of checks
 */
export function bindRequest(plan: InferencePlan, request: InferenceRequest, inference: RequestLayout): void {
  const { outputs, inputs } = request;
  if (outputs !== undefined && outputs.length > 0 && !isAllOutputs(plan, outputs)) {
    inference.wanted = checkOutputs(plan, request, outputs);
    inference.outputs = inference.wanted.map((output) => output.position);
  }
  const ordered = isInOrder(plan, inputs) ? inputs : checkInputs(plan, request);
  inference.rows = plan.batched ? ((ordered[0] ?? inputs[0])?.shape[0] ?? 1) : 1;
  layOut(plan, ordered, inference);
}

function isAllOutputs(plan: InferencePlan, names: readonly string[]): boolean {
  const { outputs } = plan;
  if (names.length !== outputs.length) return false;
  for (let i = 0; i < names.length; i++) if (outputs[i]?.name !== names[i]) return false;
  return true;
}

/**
 * The common case, quickly: every input is there, in configuration order and without a fault. Everything else, faults
 * included, is {@link checkInputs}' business.
 */
function isInOrder(plan: InferencePlan, tensors: readonly Tensor[]): boolean {
  const { inputs, batched, maxBatchSize } = plan;
  if (tensors.length !== inputs.length) return false;
  const rows = batched ? (tensors[0]?.shape[0] ?? 0) : 1;
  if (batched && !(rows >= 1 && rows <= maxBatchSize)) return false;
  for (let i = 0; i < inputs.length; i++) {
    if (!fits(inputs[i] as InputPlan, tensors[i] as Tensor, rows, batched)) return false;
  }
  return true;
}

function fits(input: InputPlan, tensor: Tensor, rows: number, batched: boolean): boolean {
  const { shape } = tensor;
  const expected = input.shape;
  if (tensor.name !== input.name || tensor.datatype !== input.datatype) return false;
  if (shape.length !== expected.length) return false;
  if (batched && shape[0] !== rows) return false;
  if (input.ragged && !isCountable(shape)) return false;
  let elements = rows;
  for (let d = batched ? 1 : 0; d < shape.length; d++) {
    const dim = shape[d] as number;
    const wanted = expected[d] as number;
    if (wanted === -1 ? dim < 0 : dim !== wanted) return false;
    elements *= dim;
  }
  if (input.elementByteSize === 0) return checkStringElements(tensor.bytes, elements) === undefined;
  return tensor.bytes.byteLength === elements * input.elementByteSize;
}

/** @param ordered one entry per configured input; undefined for optional inputs left out */
function layOut(
  plan: InferencePlan,
  ordered: readonly (Tensor | undefined)[],
  inference: RequestLayout,
): void {
  const bytes: (Uint8Array | undefined)[] = [];
  const shapes: (Shape | undefined)[] = [];
  for (let position = 0; position < plan.engineInputs; position++) {
    bytes.push(undefined);
    shapes.push(undefined);
  }
  for (let i = 0; i < ordered.length; i++) {
    const tensor = ordered[i];
    if (tensor === undefined) continue;
    const input = plan.inputs[i] as InputPlan;
    bytes[input.position] = tensor.bytes;
    shapes[input.position] =
      input.reshape === undefined
        ? tensor.shape
        : reshaped(tensor.shape, input.dims, input.reshape, plan.batched);
  }
  inference.inputs = bytes;
  inference.shapes = shapes;
}
