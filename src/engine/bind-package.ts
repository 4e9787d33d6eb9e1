import { bindLeaves } from "../config/aoti-naming.js";
import type { PackageInput, PackageSource } from "../config/aoti-source.js";
import { checkPackageInput } from "../config/check-aoti-package.js";
import { dataTypeName } from "../config/data-type-name.js";
import type { DataTypeName, ModelConfig } from "../config/model-config.js";
import { datatypeByNumber } from "../inference/datatype.js";
import { invalidArgument } from "../inference/serving-error.js";
import { type ModelTensors, nativeInputs } from "./model-tensors.js";
import type { NativePackageInput } from "./torch-addon.js";

/**
 * Binds the configured inputs to the package's and compares them with what its source says of them.
 *
 * @param leafNames of the package's inputs
 * @throws {ServingError} INVALID_ARGUMENT if they disagree
 */
export function bindPackageInputs(
  config: ModelConfig,
  tensors: ModelTensors,
  leafNames: readonly string[],
  source: PackageSource,
): { readonly inputs: readonly NativePackageInput[]; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const { name: model, maxBatchSize } = config;
  const specs = nativeInputs(tensors);
  const leaves = bindLeaves(
    model,
    "input",
    specs.map(({ name }) => name),
    leafNames,
  );
  if (source.inputs === undefined) {
    warnings.push(
      `model '${model}': the package has no source to compare with: its code trusts the configured shapes`,
    );
  } else if (source.inputs.length !== leafNames.length) {
    throw invalidArgument(
      `unable to load model '${model}', its ${leafNames.length} arguments have to be tensors, and ` +
        `${source.inputs.length} are: export it with the others fixed in forward`,
    );
  }
  const symbols = new Map<string, number>();
  const inputs = specs.map((spec, i) => {
    const leaf = leaves[i] as number;
    const wanted = source.inputs?.[leaf];
    if (wanted === undefined) return { ...spec, leaf, dims: undefined };
    checkPackageInput(config, { ...spec, dataType: dataTypeOf(spec.datatype) as DataTypeName }, wanted);
    if (wanted.maxRows !== undefined && maxBatchSize > wanted.maxRows) {
      warnings.push(
        `model '${model}': max_batch_size is ${maxBatchSize}, and the package was compiled for at most ` +
          `${wanted.maxRows} rows of input '${spec.name}'`,
      );
    }
    return { ...spec, leaf, dims: numberedDims(wanted, symbols) };
  });
  return { inputs, warnings };
}

function numberedDims({ dims }: PackageInput, symbols: Map<string, number>): number[] | undefined {
  return dims?.map((dim) => {
    if (typeof dim === "number") return dim;
    if (!symbols.has(dim)) symbols.set(dim, -1 - symbols.size);
    return symbols.get(dim) as number;
  });
}

/** undefined: a type that no configuration has. */
export function dataTypeOf(number: number): DataTypeName | undefined {
  const datatype = datatypeByNumber[number];
  return datatype === undefined ? undefined : dataTypeName(datatype);
}
