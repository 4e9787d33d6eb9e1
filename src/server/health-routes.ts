import type { FastifyInstance, FastifyReply } from "fastify";
import { serverMetadataJson } from "../protocol/kserve/metadata.js";
import type { KServeContext } from "./kserve-context.js";
import { exiting, route, sendError, sendJson } from "./replies.js";

/** What the server says of itself. */
export function healthRoutes(app: FastifyInstance, context: KServeContext): void {
  const metadata = serverMetadataJson(context.id, context.version);

  function health(reply: FastifyReply, isHealthy: boolean): void {
    if (context.lifecycle.isExiting) sendError(reply, exiting());
    else reply.code(isHealthy ? 200 : 400).send();
  }

  route(app, "GET", "/v2", (_request, reply) => {
    sendJson(reply, metadata);
  });
  route(app, "GET", "/v2/health/live", (_request, reply) => health(reply, true));
  route(app, "GET", "/v2/health/ready", (_request, reply) =>
    health(reply, !context.strictReadiness || context.repository.allReady()),
  );
}
