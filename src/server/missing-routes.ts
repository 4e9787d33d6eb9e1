import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Code, ServingError } from "../inference/serving-error.js";
import { errorBody } from "../protocol/kserve/http-status.js";
import { sharedMemoryDisabled } from "../protocol/kserve/infer-output.js";
import { route, sendJson } from "./replies.js";

/** Parts of the protocol that are not offered, and paths that nobody has. */
export function missingRoutes(app: FastifyInstance): void {
  sharedMemoryRoutes(app, "system");
  sharedMemoryRoutes(app, "cuda");
  app.all("/v2/*", notFound);
}

export function notFound(_request: FastifyRequest, reply: FastifyReply): void {
  reply.code(404);
  sendJson(reply, errorBody("Not Found"));
}

/** No client may share memory with this server, so none is ever registered. */
function sharedMemoryRoutes(app: FastifyInstance, kind: "system" | "cuda"): void {
  const path = `/v2/${kind}sharedmemory`;
  route(app, "GET", `${path}/status`, (_request, reply) => {
    sendJson(reply, "[]");
  });
  route(app, "GET", `${path}/region/:region/status`, (request) => {
    const { region } = request.params as { region: string };
    throw new ServingError(Code.NOT_FOUND, `Unable to find ${kind} shared memory region: '${region}'`);
  });
  for (const action of ["/region/:region/register", "/region/:region/unregister", "/unregister"]) {
    route(app, "POST", `${path}${action}`, () => {
      throw sharedMemoryDisabled();
    });
  }
}
