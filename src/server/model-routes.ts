import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { configToJson } from "../config/config-json.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import type { ServedModel } from "../model/served-model.js";
import { modelMetadataJson } from "../protocol/kserve/metadata.js";
import { parseModelVersion } from "../protocol/kserve/model-version.js";
import { statisticsJson } from "../protocol/kserve/statistics.js";
import type { KServeContext } from "./kserve-context.js";
import { route, sendError, sendJson } from "./replies.js";

interface ModelPath {
  readonly model: string;
  readonly version?: string;
}

/** What models say of themselves: metadata, readiness, configuration, statistics. */
export function modelRoutes(app: FastifyInstance, { repository }: KServeContext): void {
  /** Registers `/v2/models/M<suffix>`, with and without a version. */
  function modelRoute(
    suffix: string,
    answer: (name: string, version: number | undefined, reply: FastifyReply) => void,
  ): void {
    const handler = (request: FastifyRequest, reply: FastifyReply) => {
      const { model, version } = request.params as ModelPath;
      answer(model, parseModelVersion(version), reply);
    };
    route(app, "GET", `/v2/models/:model${suffix}`, handler);
    route(app, "GET", `/v2/models/:model/versions/:version${suffix}`, handler);
  }

  modelRoute("", (name, version, reply) => {
    sendJson(reply, modelMetadataJson(repository.model(name, version).metadata, version));
  });

  modelRoute("/ready", (name, version, reply) => {
    try {
      repository.model(name, version);
      reply.send();
    } catch (thrown) {
      const error = ServingError.from(thrown);
      const isKnown = error.code === Code.UNAVAILABLE;
      sendError(reply, isKnown ? invalidArgument("Model version not ready") : error);
    }
  });

  modelRoute("/config", (name, version, reply) => {
    sendJson(reply, JSON.stringify(configToJson(repository.model(name, version).config)));
  });

  modelRoute("/stats", (name, version, reply) => {
    sendJson(reply, statisticsJson(named(repository.models(), name, version)));
  });

  route(app, "GET", "/v2/models/stats", (_request, reply) => {
    sendJson(reply, statisticsJson(repository.models()));
  });
}

function named(
  models: readonly ServedModel[],
  name: string,
  version: number | undefined,
): readonly ServedModel[] {
  const versions = models.filter((model) => model.name === name);
  if (versions.length === 0) throw invalidArgument(`requested model '${name}' is not available`);
  if (version === undefined) return versions;
  const chosen = versions.filter((model) => model.version === version);
  if (chosen.length === 0) {
    throw invalidArgument(`requested model version is not available for model '${name}'`);
  }
  return chosen;
}
