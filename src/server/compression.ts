import { promisify } from "node:util";
import { constants, deflate, gunzip, gzip, inflate } from "node:zlib";
import { Code, ServingError } from "../inference/serving-error.js";
import { decompressedTooLarge } from "../protocol/kserve/input-size-limit.js";

export type Compression = "gzip" | "deflate";

const decompressors = { gzip: promisify(gunzip), deflate: promisify(inflate) };
const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) };

/**
 * How a request body with this `Content-Encoding` is compressed; undefined: it is not.
 *
 * @throws {ServingError} UNIMPLEMENTED for encodings other than gzip and deflate
 */
export function requestCompression(encoding: string | undefined): Compression | undefined {
  if (encoding === undefined || encoding === "" || encoding === "identity") return undefined;
  if (encoding === "gzip" || encoding === "deflate") return encoding;
  throw new ServingError(Code.UNIMPLEMENTED, "Unsupported compression type");
}

/** Rejects with INVALID_ARGUMENT if the body is damaged or grows beyond `maxByteSize`. */
export async function decompress(
  body: Buffer,
  compression: Compression,
  maxByteSize: number,
): Promise<Buffer> {
  try {
    return await decompressors[compression](body, { maxOutputLength: maxByteSize });
  } catch (error) {
    if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE")
      throw decompressedTooLarge(maxByteSize);
    throw new ServingError(
      Code.INVALID_ARGUMENT,
      `failed to decompress the ${compression} request body: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * The encoding of a response: the heaviest in `Accept-Encoding`, the first of equals.
 *
 * @returns undefined: as it is
 */
export function responseCompression(acceptEncoding: string): Compression | undefined {
  let chosen: string | undefined;
  let chosenWeight = 0;
  for (const item of acceptEncoding.split(",")) {
    const [name = "", ...parameters] = item.split(";").map((part) => part.trim());
    const q = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = q === undefined ? 1 : Number(q.slice(2));
    if (weight > chosenWeight && /^(?:gzip|deflate|identity)$/.test(name)) {
      chosen = name;
      chosenWeight = weight;
    }
  }
  return chosen === "gzip" || chosen === "deflate" ? chosen : undefined;
}

/** Tensors compress little, so the quickest level it is. */
export function compress(body: Uint8Array, compression: Compression): Promise<Buffer> {
  return compressors[compression](body, { level: constants.Z_BEST_SPEED });
}
