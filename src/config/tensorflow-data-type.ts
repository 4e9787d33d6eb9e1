import type { DataTypeName } from "./model-config.js";

const types: Readonly<Record<string, DataTypeName>> = {
  DT_BOOL: "TYPE_BOOL",
  DT_UINT8: "TYPE_UINT8",
  DT_UINT16: "TYPE_UINT16",
  DT_UINT32: "TYPE_UINT32",
  DT_UINT64: "TYPE_UINT64",
  DT_INT8: "TYPE_INT8",
  DT_INT16: "TYPE_INT16",
  DT_INT32: "TYPE_INT32",
  DT_INT64: "TYPE_INT64",
  DT_HALF: "TYPE_FP16",
  DT_BFLOAT16: "TYPE_BF16",
  DT_FLOAT: "TYPE_FP32",
  DT_DOUBLE: "TYPE_FP64",
  DT_STRING: "TYPE_STRING",
};

/** The configuration's data type for TensorFlow's `DT_*`; undefined for those a model cannot exchange (DT_COMPLEX64...). */
export function dataTypeOfTensorFlow(dtype: string): DataTypeName | undefined {
  return types[dtype];
}
