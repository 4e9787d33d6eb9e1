import type { FastifyInstance, FastifyPluginOptions } from "fastify";
import type { ModelRepository } from "../model/served-model.js";
import type { KServePluginOptions } from "./kserve-plugin.js";
import type { RunningServer, ServeOptions } from "./serve.js";

// The server as the package exports it: a program that only embeds models does not load fastify.

/**
 * Serves a repository over HTTP, and its metrics on a port of their own, until `close()`.
 *
 * @throws {ServingError} `UNAVAILABLE` if a port cannot be listened on
 * @see ServeOptions for the defaults, which are tritonserver's
 */
export async function serve(repository: ModelRepository, options: ServeOptions = {}): Promise<RunningServer> {
  const server = await import("./serve.js");
  return server.serve(repository, options);
}

/**
 * The KServe v2 REST endpoints for a fastify application: `app.register(fastifyPlugin, { repository, prefix })`.
 *
 * @see kservePlugin
 */
export async function fastifyPlugin(
  app: FastifyInstance,
  options: KServePluginOptions & FastifyPluginOptions,
): Promise<void> {
  const { kservePlugin } = await import("./kserve-plugin.js");
  // The prefix is this plugin's own; given on, it would be put in front twice.
  const { prefix: _, ...rest } = options as KServePluginOptions & { prefix?: string };
  await app.register(kservePlugin, rest);
}
