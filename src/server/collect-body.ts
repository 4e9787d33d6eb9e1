import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import { invalidArgument, type ServingError } from "../inference/serving-error.js";
import { decompressedTooLarge, jsonTooLarge, rawInputTooLarge } from "../protocol/kserve/input-size-limit.js";

/** Parts beyond which a chunked body costs more to keep than it carries. */
const maxChunks = 65_536;

type Done = (error: Error | null, body?: Buffer | ServingError) => void;

/**
 * Reads whole bodies as they are. A body that breaks a limit is given to the route as the error it is: what the route
 * checks first, such as whether the model exists, must be answered first. What then remains is read and forgotten.
 *
 * @param maxInputSize limit for bodies that cannot have binary tensors behind their JSON, in bytes
 */
export function collectBody(maxInputSize: number) {
  return (request: FastifyRequest, stream: IncomingMessage, done: Done): void => {
    const { headers } = request;
    const isChunked = headers["transfer-encoding"] !== undefined;
    const limit = isLimited(headers) ? maxInputSize : Number.POSITIVE_INFINITY;
    if (!isChunked && Number(headers["content-length"]) > limit) {
      done(null, tooLarge(headers, Number(headers["content-length"]), maxInputSize));
      return;
    }
    let chunks: Buffer[] = [];
    let count = 0;
    let size = 0;
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      count++;
      if (size > limit || (isChunked && count > maxChunks)) chunks = [];
      else chunks.push(chunk);
    });
    stream.on("end", () => {
      if (size > limit) done(null, tooLarge(headers, size, maxInputSize));
      else if (isChunked && count > maxChunks) done(null, tooManyChunks());
      else done(null, chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
    });
    stream.on("error", done);
  };
}

function isLimited(headers: IncomingHttpHeaders): boolean {
  const headerLength = headers["inference-header-content-length"];
  return headerLength === undefined || headerLength === "0" || isCompressed(headers);
}

function tooLarge(headers: IncomingHttpHeaders, byteSize: number, limit: number): ServingError {
  if (isCompressed(headers)) return decompressedTooLarge(limit);
  const isRaw = headers["inference-header-content-length"] === "0";
  return isRaw ? rawInputTooLarge(byteSize, limit) : jsonTooLarge(byteSize, limit);
}

function isCompressed(headers: IncomingHttpHeaders): boolean {
  const encoding = headers["content-encoding"];
  return encoding !== undefined && encoding !== "identity";
}

function tooManyChunks(): ServingError {
  return invalidArgument(
    `Chunked request body exceeds maximum of ${maxChunks} non-empty chunks. Send fewer or larger HTTP chunks.`,
  );
}
