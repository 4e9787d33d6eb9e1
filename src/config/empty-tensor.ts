import type { ModelInput, ModelOutput } from "./model-config.js";

/** An input of which only the name is known. */
export function emptyInput(name: string): ModelInput {
  return Object.freeze({
    name,
    dataType: "TYPE_INVALID",
    format: "FORMAT_NONE",
    dims: Object.freeze([]),
    reshape: undefined,
    isShapeTensor: false,
    allowRaggedBatch: false,
    optional: false,
    isNonLinearFormatIo: false,
  });
}

/** An output of which only the name is known. */
export function emptyOutput(name: string): ModelOutput {
  return Object.freeze({
    name,
    dataType: "TYPE_INVALID",
    dims: Object.freeze([]),
    reshape: undefined,
    labelFilename: "",
    isShapeTensor: false,
    isNonLinearFormatIo: false,
  });
}
