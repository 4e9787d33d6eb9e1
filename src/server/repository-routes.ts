import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Code, ServingError } from "../inference/serving-error.js";
import { checkLoadRequest, checkUnloadRequest } from "../protocol/kserve/model-control.js";
import { decodeIndexRequest, repositoryIndexJson } from "../protocol/kserve/repository-index.js";
import type { KServeContext } from "./kserve-context.js";
import { route, sendJson } from "./replies.js";

/** The model repository extension. */
export function repositoryRoutes(app: FastifyInstance, context: KServeContext): void {
  const { repository } = context;
  const isExplicit = context.modelControl === "explicit";

  route(app, "POST", "/v2/repository/index", async (request, reply) => {
    const readyOnly = decodeIndexRequest(bodyOf(request));
    if (isExplicit && !readyOnly) await repository.scan();
    return sendJson(reply, repositoryIndexJson(repository.index(), readyOnly));
  });
  route(app, "POST", "/v2/repository/:repository/index", refuseRepositoryName);

  /** Answers once requests find the model loaded or unloaded; what was replaced is freed afterwards. */
  function controlRoute(
    action: "load" | "unload",
    check: (body: Buffer | undefined) => void,
    control: (name: string) => Promise<void>,
  ): void {
    route(app, "POST", `/v2/repository/models/:model/${action}`, async (request, reply) => {
      if (!isExplicit) throw controlRefused();
      check(bodyOf(request));
      await control((request.params as { model: string }).model);
      return reply.send();
    });
    route(app, "POST", `/v2/repository/:repository/models/:model/${action}`, refuseRepositoryName);
  }

  const promptly = { waitUntilFreed: false };
  controlRoute("load", checkLoadRequest, (name) => repository.loadModel(name, promptly));
  controlRoute("unload", checkUnloadRequest, (name) => repository.unloadModel(name, promptly));
}

function bodyOf({ body }: FastifyRequest): Buffer | undefined {
  if (body instanceof Error) throw body;
  return body as Buffer | undefined;
}

function controlRefused(): ServingError {
  return new ServingError(
    Code.UNAVAILABLE,
    "explicit model load / unload is not allowed if polling is enabled",
  );
}

function refuseRepositoryName(_request: FastifyRequest, _reply: FastifyReply): never {
  throw new ServingError(Code.UNIMPLEMENTED, "'repository_name' specification is not supported");
}
