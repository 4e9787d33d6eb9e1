import type { FastifyInstance } from "fastify";
import fastifyPlugin from "fastify-plugin";
import type { ModelControlMode, ModelRepository } from "../model/served-model.js";
import { defaultMaxInputSize } from "../protocol/kserve/input-size-limit.js";
import { collectBody } from "./collect-body.js";
import { healthRoutes } from "./health-routes.js";
import { inferRoutes } from "./infer-routes.js";
import type { KServeContext } from "./kserve-context.js";
import { Lifecycle } from "./lifecycle.js";
import { missingRoutes } from "./missing-routes.js";
import { modelRoutes } from "./model-routes.js";
import { packageVersion } from "./package-version.js";
import { sendError } from "./replies.js";
import { repositoryRoutes } from "./repository-routes.js";
import { type ServerLogger, silentServerLogger } from "./server-logger.js";

export interface KServePluginOptions {
  readonly repository: ModelRepository;
  /** Whether clients may load and unload models: `explicit`, else `none`. Default: the repository's. */
  readonly modelControl?: ModelControlMode;
  /** The server's name in its metadata. Default "triton", which clients of that server expect. */
  readonly id?: string;
  /** Largest JSON request, JSON tensor, raw request or decompressed body, in bytes. Default 64 MiB. */
  readonly httpMaxInputSize?: number;
  /** Whether a model that failed to load keeps the server from being ready. Default true. */
  readonly strictReadiness?: boolean;
  /** Set by whoever stops the server; by default it never exits. */
  readonly lifecycle?: Lifecycle;
  /** Told at debug level of requests that fail. Default: none. */
  readonly logger?: ServerLogger;
}

/**
 * The KServe v2 REST endpoints, for any fastify application. They read bodies in their own way and in their own
 * scope, so the application's parsers and routes stay as they are; a prefix goes in front of `/v2`.
 *
 * @see KServe v2 "HTTP/REST"
 */
export const kservePlugin = fastifyPlugin(
  async (app: FastifyInstance, options: KServePluginOptions): Promise<void> => {
    const context: KServeContext = {
      repository: options.repository,
      modelControl: options.modelControl ?? options.repository.modelControl,
      id: options.id ?? "triton",
      version: packageVersion(),
      maxInputSize: options.httpMaxInputSize ?? defaultMaxInputSize,
      strictReadiness: options.strictReadiness ?? true,
      lifecycle: options.lifecycle ?? new Lifecycle(),
      logger: options.logger ?? silentServerLogger,
    };
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", collectBody(context.maxInputSize));
    app.addHook("onRequest", (request, _reply, done) => {
      // Whatever it is, even malformed: fastify would refuse that.
      request.headers["content-type"] = undefined;
      done();
    });
    app.setErrorHandler((error, _request, reply) => sendError(reply, error));
    healthRoutes(app, context);
    modelRoutes(app, context);
    inferRoutes(app, context);
    repositoryRoutes(app, context);
    missingRoutes(app);
  },
  { name: "tandem-kserve", fastify: "5.x", encapsulate: true },
);
