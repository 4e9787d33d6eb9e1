import type { ModelConfig } from "../../config/model-config.js";
import { encodeBytesElements } from "../../inference/bytes-elements.js";
import { type Datatype, elementByteSize } from "../../inference/datatype.js";
import { invalidArgument } from "../../inference/serving-error.js";
import { Tensor } from "../../inference/tensor.js";

/** What a raw request must be deduced from: the model's name and its inputs. */
export interface RawInferModel {
  readonly name: string;
  readonly config: Pick<ModelConfig, "input" | "maxBatchSize">;
}

/**
 * The single input whose data is the whole body of a raw binary request. A batch dimension is 1, and one variable
 * dimension follows from the size.
 *
 * @see Triton "Raw Binary Request"
 * @throws {ServingError} INVALID_ARGUMENT if the model has several inputs or the shape cannot be deduced
 */
export function readRawInput(body: Buffer, model: RawInferModel): Tensor {
  const { input: inputs, maxBatchSize } = model.config;
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) {
    throw invalidArgument(
      `Raw request must only have 1 input (found 1) to be deduced but got ${inputs.length} inputs in '${model.name}' model configuration`,
    );
  }
  const batch = maxBatchSize > 0 ? [1] : [];
  if (input.dataType === "TYPE_STRING") {
    if (input.dims.length !== 1 || input.dims[0] !== 1) {
      throw invalidArgument(
        `For BYTE datatype raw input '${input.name}', the model must have input shape [1]`,
      );
    }
    return new Tensor(input.name, "BYTES", [...batch, 1], encodeBytesElements([body]));
  }
  if (input.dims.filter((dim) => dim < 0).length > 1) {
    throw invalidArgument(
      `The shape of the raw input '${input.name}' can not be deduced because there are more than one variable-sized dimension`,
    );
  }
  const datatype = input.dataType.slice("TYPE_".length) as Datatype;
  const fixed = input.dims.reduce((product, dim) => (dim < 0 ? product : product * dim), 1);
  const deduced = fixed === 0 ? 0 : Math.floor(body.length / elementByteSize(datatype) / fixed);
  const dims = input.dims.map((dim) => (dim < 0 ? deduced : dim));
  return new Tensor(input.name, datatype, [...batch, ...dims], body);
}
