import { type Datatype, elementByteSize, isDatatype } from "../../inference/datatype.js";
import { invalidArgument } from "../../inference/serving-error.js";
import { elementCount } from "../../inference/shape.js";
import { Tensor } from "../../inference/tensor.js";
import { sharedMemoryDisabled } from "./infer-output.js";
import { readShape } from "./input-shape.js";
import { jsonInputTooLarge } from "./input-size-limit.js";
import { asObject, asString, asUnsigned, type JsonObject } from "./json-access.js";
import { readJsonTensor, refuseHalfPrecision } from "./read-json-tensor.js";

/** The bytes behind a request's JSON; inputs take theirs in turn. */
export class BinaryInputs {
  readonly #body: Buffer;
  readonly #modelName: string;
  #at: number;

  constructor(body: Buffer, start: number, modelName: string) {
    this.#body = body;
    this.#at = start;
    this.#modelName = modelName;
  }

  /** A view of the next `byteSize` bytes. */
  take(input: string, byteSize: number): Buffer {
    const end = this.#at + byteSize;
    if (end > this.#body.length) {
      throw invalidArgument(
        `unexpected size for input '${input}', expecting ${end - this.#body.length} additional bytes for model '${this.#modelName}'`,
      );
    }
    const bytes = this.#body.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** Throws INVALID_ARGUMENT if any bytes are left. */
  finish(): void {
    if (this.#at < this.#body.length) {
      throw invalidArgument(`unexpected additional input data for model '${this.#modelName}'`);
    }
  }
}

/**
 * One element of a request's `inputs`: its bytes come from `data` or from those behind the JSON.
 *
 * @param isExact whether {@link parseExactJson} read it
 * @throws {ServingError} INTERNAL for JSON of a wrong type, INVALID_ARGUMENT for what cannot be meant
 */
export function readInput(
  value: unknown,
  isExact: boolean,
  binary: BinaryInputs,
  maxInputSize: number,
): Tensor {
  const input = asObject(value, "inputs");
  const name = asString(input.name, "name");
  const datatype = readDatatype(name, asString(input.datatype, "datatype"));
  const shape = readShape(name, datatype, input.shape);
  const parameters = input.parameters === undefined ? undefined : asObject(input.parameters, "parameters");
  const binarySize = parameters?.binary_data_size;
  const region = parameters?.shared_memory_region;
  requireOneSource(input.data, binarySize, region);
  if (region !== undefined) throw sharedMemoryDisabled();
  if (binarySize !== undefined) {
    return new Tensor(name, datatype, shape, binary.take(name, asUnsigned(binarySize, "binary_data_size")));
  }
  refuseHalfPrecision(name, datatype);
  const count = elementCount(shape);
  limitJsonInput(name, count * elementByteSize(datatype), maxInputSize);
  const bytes = readJsonTensor(name, datatype, count, input.data, isExact);
  limitJsonInput(name, bytes.byteLength, maxInputSize);
  return new Tensor(name, datatype, shape, bytes);
}

function limitJsonInput(name: string, byteSize: number, limit: number): void {
  if (byteSize > limit) throw jsonInputTooLarge(name, byteSize, limit);
}

function readDatatype(input: string, datatype: string): Datatype {
  if (isDatatype(datatype)) return datatype;
  throw invalidArgument(
    `input '${input}' has unknown datatype '${datatype}'; the protocol's are BOOL, UINT8 to UINT64, INT8 to INT64, FP16, BF16, FP32, FP64 and BYTES`,
  );
}

function requireOneSource(data: unknown, binarySize: unknown, region: unknown): void {
  const isOne = Number(data !== undefined) + Number(binarySize !== undefined) + Number(region !== undefined);
  if (isOne === 1) return;
  const set = [
    data !== undefined && " 'data'",
    binarySize !== undefined && " 'binary_data_size'",
    region !== undefined && " 'shared_memory_region'",
  ].filter((name) => name !== false);
  throw invalidArgument(
    "Input must set only one of the following fields: 'data', 'binary_data_size' in 'parameters', " +
      `'shared_memory_region' in 'parameters'. But ${set.length === 0 ? "no field is set" : `set${set.join("")}`}`,
  );
}

/** Whether the digits of any input's JSON data are an integer's, which must have neither fraction nor exponent. */
export function hasIntegerData(inputs: readonly unknown[]): boolean {
  return inputs.some((value) => {
    const { datatype, data } = (value ?? {}) as JsonObject;
    return data !== undefined && typeof datatype === "string" && /^U?INT/.test(datatype);
  });
}
