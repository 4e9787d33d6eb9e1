import { invalidArgument } from "../inference/serving-error.js";
import type { PackageInput } from "./aoti-source.js";
import { pythonDataTypes } from "./check-python-config.js";
import { checkTorchTensors } from "./check-torch-config.js";
import type { DataTypeName, ModelConfig } from "./model-config.js";

/**
 * Checks what can be checked of an AOTInductor model's configuration without the package.
 *
 * @throws {ServingError} INVALID_ARGUMENT: no inputs, no outputs, a data type that packages do not take, an input that
 *   requests may leave out; UNIMPLEMENTED for libraries of custom operations
 */
export function checkAotiConfig(config: ModelConfig): void {
  checkTorchTensors(config, pythonDataTypes);
  const optional = config.input.find((input) => input.optional);
  if (optional !== undefined) {
    throw invalidArgument(
      `input '${optional.name}' of model '${config.name}' is optional, and a package takes all its inputs in each run`,
    );
  }
}

/** An input as the configuration describes it to the package, with the batch dimension. */
export interface ConfiguredInput {
  readonly name: string;
  readonly dataType: DataTypeName;
  /** undefined where only the package knows: what is made of the batch. */
  readonly shape: readonly number[] | undefined;
  readonly ragged: boolean;
}

/**
 * Compares a configured input with what the package's source says of it.
 *
 * @throws {ServingError} INVALID_ARGUMENT for another data type or number of dimensions, for a dimension of another size or
 *   variable where the package's is not, and for an order of elements that requests cannot bring
 */
export function checkPackageInput(config: ModelConfig, input: ConfiguredInput, wanted: PackageInput): void {
  const refuse = (reason: string) => invalidArgument(`unable to load model '${config.name}', ${reason}`);
  const { name, dataType } = input;
  if (wanted.dataType !== dataType) {
    throw refuse(
      `configuration expects datatype ${dataType} for input '${name}', model provides ${wanted.dataType ?? "another"}`,
    );
  }
  if (!wanted.isContiguous) {
    throw refuse(
      `the package takes the elements of input '${name}' in another order than row by row: export it with a ` +
        "contiguous example",
    );
  }
  const { dims } = wanted;
  const shape = input.ragged ? [-1] : input.shape;
  if (dims === undefined || shape === undefined) return;
  const told = `[${dims.map((dim) => (typeof dim === "number" ? dim : -1)).join(",")}]`;
  if (shape.length !== dims.length) {
    throw refuse(`input '${name}' has ${shape.length} dimensions with the batch, model provides ${told}`);
  }
  const batched = config.maxBatchSize > 0 && !input.ragged;
  for (const [d, dim] of dims.entries()) {
    if (typeof dim === "string" || dim === shape[d]) continue;
    if (d === 0 && batched) {
      throw refuse(
        `configuration has max_batch_size ${config.maxBatchSize}, and the package takes exactly ${dim} rows of input ` +
          `'${name}': export it with a dynamic first dimension ` +
          "(dynamic_shapes={…: {0: torch.export.Dim.AUTO}}), or set max_batch_size: 0 and give dims with it",
      );
    }
    throw refuse(`input '${name}' has dims [${shape.join(",")}] with the batch, model provides ${told}`);
  }
}

/**
 * Compares a configured output with what a run gave.
 *
 * @param output `shape` with the rows of that run as the first dimension; undefined: not to be compared
 * @param given undefined dataType: one that no configuration has
 * @throws {ServingError} INVALID_ARGUMENT for another data type, a scalar, or a shape that the configuration excludes
 */
export function checkPackageOutput(
  config: ModelConfig,
  output: {
    readonly name: string;
    readonly dataType: DataTypeName;
    readonly shape: readonly number[] | undefined;
  },
  given: { readonly dataType: DataTypeName | undefined; readonly shape: readonly number[] },
): void {
  const refuse = (reason: string) => invalidArgument(`unable to load model '${config.name}', ${reason}`);
  const { name, dataType, shape } = output;
  if (given.dataType !== dataType) {
    throw refuse(
      `configuration expects datatype ${dataType} for output '${name}', model provides ${given.dataType ?? "another"}`,
    );
  }
  if (given.shape.length === 0) throw refuse(`output '${name}' is a scalar which is not supported.`);
  if (shape === undefined) return;
  const fits =
    shape.length === given.shape.length && shape.every((dim, d) => dim < 0 || dim === given.shape[d]);
  if (fits) return;
  throw refuse(
    `output '${name}' has shape [${given.shape.join(",")}], expected [${shape.join(",")}] by the configuration`,
  );
}
