import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Code, ServingError } from "../inference/serving-error.js";
import { decodeIndexRequest, repositoryIndexJson } from "../protocol/kserve/repository-index.js";
import type { KServeContext } from "./kserve-context.js";
import { route, sendJson } from "./replies.js";

/** The model repository extension. Models are not loaded or unloaded through the protocol. */
export function repositoryRoutes(app: FastifyInstance, { repository }: KServeContext): void {
  route(app, "POST", "/v2/repository/index", (request, reply) => {
    if (request.body instanceof Error) throw request.body;
    const readyOnly = decodeIndexRequest(request.body as Buffer | undefined);
    sendJson(reply, repositoryIndexJson(repository.index(), readyOnly));
  });
  route(app, "POST", "/v2/repository/:repository/index", refuseRepositoryName);
  for (const action of ["load", "unload"]) {
    route(app, "POST", `/v2/repository/models/:model/${action}`, refuseModelControl);
    route(app, "POST", `/v2/repository/:repository/models/:model/${action}`, refuseRepositoryName);
  }
}

function refuseModelControl(_request: FastifyRequest, _reply: FastifyReply): never {
  throw new ServingError(
    Code.UNAVAILABLE,
    "explicit model load / unload is not allowed if polling is enabled",
  );
}

function refuseRepositoryName(_request: FastifyRequest, _reply: FastifyReply): never {
  throw new ServingError(Code.UNIMPLEMENTED, "'repository_name' specification is not supported");
}
