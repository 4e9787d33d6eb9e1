import type { FastifyInstance, FastifyReply, HTTPMethods, RouteHandlerMethod } from "fastify";
import { Code, ServingError } from "../inference/serving-error.js";
import { errorBody, httpStatus } from "../protocol/kserve/http-status.js";

export function sendJson(reply: FastifyReply, json: string): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(json));
}

/** Any error as `{"error":"..."}`. Errors of fastify itself keep their status. */
export function sendError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const ownStatus = (thrown as { statusCode?: unknown } | undefined)?.statusCode;
  const error = ServingError.from(thrown);
  reply.code(typeof ownStatus === "number" ? ownStatus : httpStatus(error.code));
  return sendJson(reply, errorBody(error.message));
}

export function exiting(): ServingError {
  return new ServingError(Code.UNAVAILABLE, "Server exiting");
}

const methods: readonly HTTPMethods[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** A path that answers one method; for the others it says so. */
export function route(
  app: FastifyInstance,
  method: "GET" | "POST",
  url: string,
  handler: RouteHandlerMethod,
): void {
  app.route({ method, url, handler, exposeHeadRoute: false });
  app.route({
    method: methods.filter((other) => other !== method),
    url,
    exposeHeadRoute: false,
    onRequest: (_request, reply) => {
      reply.code(405);
      sendJson(reply, errorBody("Method Not Allowed"));
    },
    handler: () => undefined,
  });
}
