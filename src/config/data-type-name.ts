import type { Datatype } from "../inference/datatype.js";
import type { DataTypeName } from "./model-config.js";

/** The protocol's name of a configuration's data type: `TYPE_STRING` is `BYTES`; undefined for TYPE_INVALID. */
export function datatypeOf(name: DataTypeName): Datatype | undefined {
  if (name === "TYPE_INVALID") return undefined;
  return name === "TYPE_STRING" ? "BYTES" : (name.slice("TYPE_".length) as Datatype);
}

/** The configuration's name of a protocol datatype: `BYTES` is `TYPE_STRING`. */
export function dataTypeName(datatype: Datatype): DataTypeName {
  return datatype === "BYTES" ? "TYPE_STRING" : `TYPE_${datatype}`;
}
