import { readFile, stat } from "node:fs/promises";
import { invalidArgument } from "../inference/serving-error.js";

/** Bytes that a protobuf message must stay below; protobuf reads no more, nor does Node.js in one piece. */
const PROTOBUF_LIMIT = 2 ** 31;

/** What to do about a file that is too large. */
const advice = {
  SavedModel:
    "weights belong into variables, which a SavedModel keeps in files of their own and of any size, not into the " +
    "graph as constants: export the model again with its weights as tf.Variable",
  GraphDef:
    "a GraphDef holds its weights itself: convert the model to a SavedModel with its weights as variables, which are " +
    "kept in files of their own and of any size",
};

/**
 * Reads a file that is one protobuf message.
 *
 * @throws {ServingError} INVALID_ARGUMENT if it has 2 GiB or more
 * @see Protocol Buffers, "Proto Limits"
 */
export async function readProtobufFile(path: string, message: keyof typeof advice): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size < PROTOBUF_LIMIT) return readFile(path);
  throw invalidArgument(
    `unable to read '${path}': it has ${size} bytes, and protobuf messages end below 2 GiB (${PROTOBUF_LIMIT} bytes); ` +
      advice[message],
  );
}
