import type { InferenceRequest } from "../inference/request.js";
import { requestIdPrefix } from "../inference/request-id.js";
import { invalidArgument, type ServingError } from "../inference/serving-error.js";
import { elementCount, formatShape, type Shape } from "../inference/shape.js";
import type { Tensor } from "../inference/tensor.js";
import { checkStringElements } from "./check-string-elements.js";
import type { InferencePlan, InputPlan, OutputPlan } from "./inference-plan.js";

/**
 * The outputs a request names, in its order.
 *
 * @throws {ServingError} `INVALID_ARGUMENT` if one is unknown or named twice
 */
export function checkOutputs(
  plan: InferencePlan,
  request: InferenceRequest,
  names: readonly string[],
): OutputPlan[] {
  const wanted: OutputPlan[] = [];
  for (const name of names) {
    const output = plan.outputByName.get(name);
    // Texts about unknown tensors carry no request id, as in Triton.
    if (output === undefined) {
      throw invalidArgument(`unexpected inference output '${name}' for model '${plan.modelName}'`);
    }
    if (wanted.includes(output)) throw fault(request, `output '${name}' already exists in request`);
    wanted.push(output);
  }
  return wanted;
}

/**
 * The tensors of a request in configuration order, undefined where an optional input is left out. Checks in
 * Triton's order: names, batch dimensions, batch limit, then each input's datatype, shape and bytes.
 *
 * @throws {ServingError} `INVALID_ARGUMENT` at the first fault
 */
export function checkInputs(plan: InferencePlan, request: InferenceRequest): (Tensor | undefined)[] {
  const tensors = inputsByName(request);
  checkCount(plan, request, tensors);
  for (const name of tensors.keys()) {
    if (plan.inputByName.has(name)) continue;
    throw invalidArgument(`unexpected inference input '${name}' for model '${plan.modelName}'`);
  }
  if (plan.batched) checkBatch(plan, request);
  for (const tensor of request.inputs) {
    checkInput(plan, request, plan.inputByName.get(tensor.name) as InputPlan, tensor);
  }
  return plan.inputs.map((input) => tensors.get(input.name));
}

function inputsByName(request: InferenceRequest): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const tensor of request.inputs) {
    if (tensors.has(tensor.name)) throw fault(request, `input '${tensor.name}' already exists in request`);
    tensors.set(tensor.name, tensor);
  }
  return tensors;
}

function checkCount(plan: InferencePlan, request: InferenceRequest, given: Map<string, Tensor>): void {
  const { inputs, requiredInputs, modelName } = plan;
  const missing = inputs.filter((input) => !input.optional && !given.has(input.name));
  const tooMany = given.size > inputs.length;
  const unknown = [...given.keys()].some((name) => !plan.inputByName.has(name));
  if (!tooMany && given.size >= requiredInputs && (missing.length === 0 || unknown)) return;
  const expected =
    requiredInputs === inputs.length
      ? `expected ${inputs.length} inputs`
      : `expected number of inputs between ${requiredInputs} and ${inputs.length}`;
  throw fault(
    request,
    `${expected} but got ${given.size} inputs for model '${modelName}'. Got input(s) ${quoted([...given.keys()])}, ` +
      `but missing required input(s) ${quoted(missing.map((input) => input.name))}. Please provide all required input(s).`,
  );
}

function checkBatch(plan: InferencePlan, request: InferenceRequest): void {
  const { modelName, maxBatchSize } = plan;
  let rows: number | undefined;
  for (const { name, shape } of request.inputs) {
    const first = shape[0];
    if (first === undefined) {
      throw fault(
        request,
        `input '${name}' has no shape but model requires batch dimension for '${modelName}'`,
      );
    }
    rows ??= first;
    if (first !== rows) {
      throw fault(request, `input '${name}' batch size does not match other inputs for '${modelName}'`);
    }
  }
  if (rows !== undefined && rows > maxBatchSize) {
    throw fault(request, `inference request batch-size must be <= ${maxBatchSize} for '${modelName}'`);
  }
}

function checkInput(plan: InferencePlan, request: InferenceRequest, input: InputPlan, tensor: Tensor): void {
  const { modelName } = plan;
  if (tensor.datatype !== input.datatype) {
    throw fault(
      request,
      `inference input '${input.name}' data-type is '${tensor.datatype}', but model '${modelName}' expects '${input.datatype}'`,
    );
  }
  if (tensor.shape.some((dim) => dim < 0)) {
    throw fault(
      request,
      `All input dimensions should be specified for input '${input.name}' for model '${modelName}', got ${formatShape(tensor.shape)}`,
    );
  }
  const sameRank = tensor.shape.length === input.shape.length;
  if (!sameRank || input.shape.some((dim, d) => dim !== -1 && dim !== tensor.shape[d])) {
    const note = plan.batched ? batchDimensionNote : "";
    throw fault(
      request,
      `unexpected shape for input '${input.name}' for model '${modelName}'. ` +
        `Expected ${formatShape(input.shape)}, got ${formatShape(tensor.shape)}. ${note}`,
    );
  }
  if (input.ragged && !isCountable(tensor.shape)) {
    throw fault(
      request,
      `input '${input.name}' for model '${modelName}' shares batches with others, so that its dimensions that are not 0 ` +
        `may not multiply to more than ${largestCount}, got ${formatShape(tensor.shape)}`,
    );
  }
  if (input.datatype === "BYTES") checkStrings(plan, request, tensor);
  else checkByteSize(plan, request, input, tensor);
}

const largestCount = 2 ** 31 - 1;

/**
 * Whether a ragged input's dimensions and elements can be told to the model in numbers of 32 bits. A tensor without
 * elements may have any other dimensions; one that cannot be counted would fail the whole batch, other clients' requests too.
 */
export function isCountable(shape: Shape): boolean {
  let count = 1;
  for (const dim of shape) count *= dim || 1;
  return count <= largestCount;
}

function checkByteSize(
  plan: InferencePlan,
  request: InferenceRequest,
  input: InputPlan,
  tensor: Tensor,
): void {
  const noRows = plan.batched && tensor.shape[0] === 0;
  // An empty batch is a fault whatever its bytes; what is expected is then one row's.
  const elements = elementCount(noRows ? tensor.shape.slice(1) : tensor.shape);
  const expected = elements * input.elementByteSize;
  const given = tensor.bytes.byteLength;
  if (given === expected && !noRows) return;
  throw fault(
    request,
    `input byte size mismatch for input '${input.name}' for model '${plan.modelName}'. Expected ${expected}, got ${given}`,
  );
}

function checkStrings(plan: InferencePlan, request: InferenceRequest, tensor: Tensor): void {
  const noRows = plan.batched && tensor.shape[0] === 0;
  const expected = elementCount(noRows ? tensor.shape.slice(1) : tensor.shape);
  const wrong = checkStringElements(tensor.bytes, expected);
  if (wrong === undefined && !noRows) return;
  const where = `inference input '${tensor.name}' for model '${plan.modelName}'`;
  switch (wrong?.kind) {
    case "too many":
      throw fault(
        request,
        `unexpected number of string elements ${wrong.found} for ${where}, expecting ${expected}`,
      );
    case "incomplete length":
      throw fault(
        request,
        `incomplete string length indicator for ${where}, expecting 4 bytes but only ${wrong.available} bytes available. ` +
          "Please make sure the string length indicator is in one buffer.",
      );
    case "incomplete data":
      throw fault(
        request,
        `incomplete string data for inference input '${tensor.name}', expecting string of length ${wrong.length} ` +
          `but only ${wrong.available} bytes available`,
      );
    default:
      throw fault(request, `expected ${expected} string elements for ${where}, got ${wrong?.found ?? 0}`);
  }
}

function quoted(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(",")}]`;
}

function fault(request: InferenceRequest, message: string): ServingError {
  return invalidArgument(requestIdPrefix(request.id) + message);
}

const batchDimensionNote =
  "NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input shape. " +
  "If you want to specify the full shape including the batch dim in your input dims config, try setting max_batch_size to zero. " +
  "See the model configuration docs for more info on max_batch_size.";
