import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { InferenceResponse } from "../inference/request.js";
import type { ServedModel } from "../model/served-model.js";
import {
  decodeInfer,
  type OutputForms,
  parseInferenceHeaderLength,
} from "../protocol/kserve/decode-infer.js";
import { type EncodedInfer, encodeInfer } from "../protocol/kserve/encode-infer.js";
import { parseModelVersion } from "../protocol/kserve/model-version.js";
import { ChunkStream } from "./chunk-stream.js";
import { compress, decompress, requestCompression, responseCompression } from "./compression.js";
import { disconnectSignal } from "./disconnect-signal.js";
import type { KServeContext } from "./kserve-context.js";
import { exiting, route, sendError } from "./replies.js";

const noBody = Buffer.alloc(0);

/** Inference. No layer is passed here that a request does not need: this is where a server's time goes. */
export function inferRoutes(app: FastifyInstance, context: KServeContext): void {
  const { repository, lifecycle, maxInputSize, logger } = context;

  function fail(reply: FastifyReply, error: unknown): void {
    const { headers } = reply.request;
    if (headers["content-encoding"] !== undefined) reply.header("accept-encoding", "gzip, deflate");
    if (reply.request.body instanceof Error && headers["transfer-encoding"] !== undefined) {
      reply.header("connection", "close");
    }
    logger.debug(`[${reply.request.url}] Infer failed: ${(error as Error).message}`);
    sendError(reply, error);
  }

  function infer(request: FastifyRequest, reply: FastifyReply): void {
    try {
      if (lifecycle.isExiting) throw exiting();
      const model = requestedModel(request);
      const compression = requestCompression(request.headers["content-encoding"]);
      if (request.body instanceof Error) throw request.body;
      const body = (request.body as Buffer | undefined) ?? noBody;
      if (compression === undefined) answer(model, body, request, reply);
      else {
        // By the time the body is there, another version may have taken the place of this one.
        decompress(body, compression, maxInputSize)
          .then((plain) => answer(requestedModel(request), plain, request, reply))
          .catch((error) => fail(reply, error));
      }
    } catch (error) {
      fail(reply, error);
    }
  }

  /** To be asked for in the turn of the event loop in which it is given the request: later it may be out of service. */
  function requestedModel({ params }: FastifyRequest): ServedModel {
    const { model, version } = params as { model: string; version?: string };
    return repository.model(model, parseModelVersion(version));
  }

  function answer(model: ServedModel, body: Buffer, request: FastifyRequest, reply: FastifyReply): void {
    const { raw, headers } = request;
    const headerLength = headers["inference-header-content-length"];
    const { request: inference, forms } = decodeInfer(
      body,
      headerLength === undefined ? undefined : parseInferenceHeaderLength(headerLength as string),
      model,
      maxInputSize,
      disconnectSignal(raw.socket),
    );
    model.infer(inference).then(
      (response) => respond(reply, headers["accept-encoding"], response, forms, model),
      (error) => fail(reply, error),
    );
  }

  route(app, "POST", "/v2/models/:model/infer", infer);
  route(app, "POST", "/v2/models/:model/versions/:version/infer", infer);
}

function respond(
  reply: FastifyReply,
  acceptEncoding: string | undefined,
  response: InferenceResponse,
  forms: OutputForms,
  model: ServedModel,
): void {
  try {
    const encoded = encodeInfer(response, forms, model);
    if (encoded.headerLength === undefined) reply.header("content-type", "application/json");
    else {
      reply.header("content-type", "application/octet-stream");
      reply.header("inference-header-content-length", encoded.headerLength);
    }
    const compression = acceptEncoding === undefined ? undefined : responseCompression(acceptEncoding);
    if (compression !== undefined) {
      compress(joined(encoded), compression).then(
        (body) => reply.header("content-encoding", compression).send(body),
        () => sendChunks(reply, encoded),
      );
    } else sendChunks(reply, encoded);
  } catch (error) {
    sendError(reply, error);
  }
}

function sendChunks(reply: FastifyReply, encoded: EncodedInfer): void {
  if (encoded.chunks.length === 1) reply.send(encoded.chunks[0]);
  else reply.header("content-length", encoded.byteLength).send(new ChunkStream(encoded.chunks));
}

function joined(encoded: EncodedInfer): Uint8Array {
  return encoded.chunks.length === 1 ? (encoded.chunks[0] as Uint8Array) : Buffer.concat(encoded.chunks);
}
