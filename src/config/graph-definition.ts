import { invalidArgument } from "../inference/serving-error.js";
import { loadDescriptor } from "./message-schema.js";

export interface GraphNode {
  readonly name: string;
  /** What it computes: `Placeholder`, `MatMul`. */
  readonly operation: string;
}

/**
 * The nodes of a frozen graph (`model.graphdef`), in the file's order. Attributes, and with them the weights, are
 * skipped.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the bytes are not a GraphDef message
 */
export function readGraphDefinition(bytes: Uint8Array): GraphNode[] {
  const type = loadDescriptor("graph-def").lookupType("tensorflow.GraphDef");
  try {
    const { node } = type.toObject(type.decode(bytes), { defaults: true, arrays: true });
    return (node as { name: string; op: string }[]).map(({ name, op }) => ({ name, operation: op }));
  } catch (error) {
    throw invalidArgument(`not a GraphDef: ${error instanceof Error ? error.message : String(error)}`);
  }
}
