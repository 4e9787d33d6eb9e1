import { Code, invalidArgument, ServingError } from "../../inference/serving-error.js";
import { asArray, asBoolean, asObject, asString, asUnsigned } from "./json-access.js";

/** How one output is to be written. */
export interface OutputForm {
  readonly isBinary: boolean;
  /** How many classes to name in place of the values; 0: the values themselves. */
  readonly classes: number;
}

export const jsonForm: OutputForm = { isBinary: false, classes: 0 };
export const binaryForm: OutputForm = { isBinary: true, classes: 0 };

/** The outputs a request asks for, in its order. */
export interface RequestedOutputs {
  readonly names: readonly string[];
  readonly forms: readonly OutputForm[];
}

/** The `outputs` member of a request. */
export function readRequestedOutputs(value: unknown): RequestedOutputs | undefined {
  if (value === undefined) return undefined;
  const names: string[] = [];
  const forms: OutputForm[] = [];
  for (const element of asArray(value, "outputs")) {
    const output = asObject(element, "outputs");
    names.push(asString(output.name, "name"));
    forms.push(output.parameters === undefined ? jsonForm : readForm(output.parameters));
  }
  return names.length === 0 ? undefined : { names, forms };
}

function readForm(value: unknown): OutputForm {
  const parameters = asObject(value, "parameters");
  if (parameters.shared_memory_region !== undefined) {
    for (const other of ["classification", "binary_data"]) {
      if (parameters[other] !== undefined) {
        throw invalidArgument(`Output can't set both 'shared_memory_region' and '${other}'`);
      }
    }
    throw sharedMemoryDisabled();
  }
  const isBinary = parameters.binary_data !== undefined && asBoolean(parameters.binary_data, "binary_data");
  if (parameters.classification === undefined) return isBinary ? binaryForm : jsonForm;
  return { isBinary, classes: asUnsigned(parameters.classification, "classification") };
}

export function sharedMemoryDisabled(): ServingError {
  return new ServingError(
    Code.UNIMPLEMENTED,
    "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to enable.",
  );
}
