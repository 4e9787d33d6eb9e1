import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { elementCount, type Shape } from "../inference/shape.js";
import type { ModelConfig, ModelInput, ModelOutput } from "./model-config.js";

/** Checks inputs and outputs: see {@link validate}. */
export function validateTensors(config: ModelConfig): void {
  for (const input of config.input) {
    validateTensor(config, input, "input");
    if (input.format !== "FORMAT_NONE" && input.dims.length !== 3) {
      throw invalidArgument(`model input NHWC/NCHW require 3 dims for ${config.name}`);
    }
  }
  for (const output of config.output) {
    validateTensor(config, output, "output");
    checkLabelFile(config, output);
  }
  checkUnique(config, config.input, "input");
  checkUnique(config, config.output, "output");
}

function validateTensor(
  config: ModelConfig,
  tensor: ModelInput | ModelOutput,
  direction: "input" | "output",
): void {
  const { name, dataType, dims, reshape } = tensor;
  const model = config.name;
  if (name === "") throw invalidArgument(`model ${direction} must specify 'name' for ${model}`);
  const subject = `model ${direction} '${name}'`;
  if (dataType === "TYPE_INVALID") throw invalidArgument(`${subject} must specify 'data_type' for ${model}`);
  if (dims.length === 0) throw invalidArgument(`${subject} must specify 'dims' for ${model}`);
  if (!dims.every(isDimension)) {
    throw invalidArgument(
      `${subject} dimension must be integer >= 1, or -1 to indicate a variable-size dimension for ${model}`,
    );
  }
  if (reshape) validateReshape(config, subject, dims, reshape.shape);
  if (tensor.isShapeTensor) {
    throw invalidArgument(`shape tensors are only supported for TensorRT platform for ${model}`);
  }
  if (tensor.isNonLinearFormatIo) {
    throw invalidArgument(`Non-linear IO format is only supported for the TensorRT platform for ${model}`);
  }
}

function isDimension(dim: number): boolean {
  return dim >= 1 || dim === -1;
}

/** The model's `shape` has to hold what the client's `dims` hold, between variable dimensions too. */
function validateReshape(config: ModelConfig, subject: string, dims: Shape, shape: Shape): void {
  const model = config.name;
  if (!shape.every(isDimension)) {
    throw invalidArgument(
      `${subject} reshape dimensions must be integer >= 1, or -1 to indicate a variable-size dimension for ${model}`,
    );
  }
  if (shape.length === 0 && config.maxBatchSize === 0) {
    throw invalidArgument(
      `${subject} cannot have empty reshape for non-batching model as scalar tensors are not supported for ${model}`,
    );
  }
  const outside = segments(dims);
  const inside = segments(shape);
  if (outside.length !== inside.length) {
    throw invalidArgument(
      `${subject} has different number of variable-size dimensions for dims and reshape for ${model}`,
    );
  }
  if (!outside.every((segment, i) => elementCount(segment) === elementCount(inside[i] as Shape))) {
    throw invalidArgument(`${subject} has different size for dims and reshape for ${model}`);
  }
}

/** The dimensions before, between and behind the variable ones: [2,-1,3,4] is [2] and [3,4]. */
function segments(dims: Shape): Shape[] {
  const found: number[][] = [[]];
  for (const dim of dims) {
    if (dim === -1) found.push([]);
    else found.at(-1)?.push(dim);
  }
  return found;
}

function checkLabelFile(config: ModelConfig, { name, labelFilename }: ModelOutput): void {
  if (!leavesDirectory(labelFilename)) return;
  throw new ServingError(
    Code.UNIMPLEMENTED,
    `label file path '${labelFilename}' for output '${name}' in model '${config.name}' is outside model directory`,
  );
}

/** Whether a path, relative or not, leads out of the directory it is relative to; "a/../b" does not. */
function leavesDirectory(path: string): boolean {
  if (path.startsWith("/")) return true;
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "." && part !== "") depth++;
    if (depth < 0) return true;
  }
  return false;
}

function checkUnique(
  config: ModelConfig,
  tensors: readonly (ModelInput | ModelOutput)[],
  direction: "input" | "output",
): void {
  const seen = new Set<string>();
  for (const { name } of tensors) {
    if (seen.has(name)) {
      throw invalidArgument(`model ${direction} '${name}' is specified more than once for ${config.name}`);
    }
    seen.add(name);
  }
}
