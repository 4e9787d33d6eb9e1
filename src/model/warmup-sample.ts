import { randomFillSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { datatypeOf } from "../config/data-type-name.js";
import type { ModelConfig, ModelWarmup, WarmupInput } from "../config/model-config.js";
import { type Datatype, elementByteSize } from "../inference/datatype.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { elementCount } from "../inference/shape.js";
import { Tensor } from "../inference/tensor.js";

/**
 * The inputs of one request of a warmup sample, a single row where the model has a batch dimension.
 *
 * @param directory the model's; data files lie in `warmup/` below it
 * @throws {ServingError} INVALID_ARGUMENT with Triton's texts; NOT_FOUND if a data file cannot be read
 * @see Triton `ModelWarmup`
 */
export async function warmupInputs(
  { inputs, name: sample }: ModelWarmup,
  { maxBatchSize }: ModelConfig,
  directory: string,
): Promise<Tensor[]> {
  const tensors: Tensor[] = [];
  for (const [name, input] of Object.entries(inputs)) {
    const datatype = datatypeOf(input.dataType);
    if (datatype === undefined) {
      const given = input.dataType;
      throw invalidArgument(
        `warmup sample '${sample}': input '${name}' has data type ${given}, which is none`,
      );
    }
    if (input.dims.some((dim) => dim < 0)) {
      throw invalidArgument(
        `warmup setting expects all variable-size dimensions are specified for input '${name}'`,
      );
    }
    const shape = maxBatchSize > 0 ? [1, ...input.dims] : input.dims;
    tensors.push(new Tensor(name, datatype, shape, await content(name, input, datatype, directory)));
  }
  return tensors;
}

async function content(
  name: string,
  { dims, zeroData, randomData, inputDataFile }: WarmupInput,
  datatype: Datatype,
  directory: string,
): Promise<Uint8Array> {
  const count = elementCount(dims);
  // An empty string is its length, 0, in four bytes.
  const byteSize = count * (datatype === "BYTES" ? 4 : elementByteSize(datatype));
  if (inputDataFile !== undefined) {
    const bytes = await readData(directory, inputDataFile, name);
    if (datatype === "BYTES") return bytes;
    if (bytes.byteLength >= byteSize) return bytes.subarray(0, byteSize);
    throw invalidArgument(
      `warmup setting expects ${byteSize} bytes, but the data provided from ${inputDataFile}only has ${bytes.byteLength} bytes`,
    );
  }
  if (randomData !== undefined && datatype !== "BYTES") return randomBytes(byteSize, datatype);
  if (zeroData !== undefined || randomData !== undefined) return new Uint8Array(byteSize);
  throw invalidArgument(`warmup setting expects input '${name}' to have input_data_type set`);
}

function randomBytes(byteSize: number, datatype: Datatype): Uint8Array {
  const bytes = randomFillSync(new Uint8Array(byteSize));
  return datatype === "BOOL" ? bytes.map((byte) => byte & 1) : bytes;
}

async function readData(directory: string, file: string, input: string): Promise<Uint8Array> {
  const folder = join(directory, "warmup");
  const path = resolve(folder, file);
  if (!path.startsWith(folder + sep)) {
    throw invalidArgument(`warmup data file '${file}' for input '${input}' is outside '${folder}'`);
  }
  try {
    return await readFile(path);
  } catch (error) {
    throw new ServingError(
      Code.NOT_FOUND,
      `unable to read warmup data for input '${input}': ${(error as Error).message}`,
    );
  }
}
