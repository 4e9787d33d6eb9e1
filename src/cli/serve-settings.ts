import { parseBackendConfig } from "../config/backend-config.js";
import { invalidArgument } from "../inference/serving-error.js";
import type { RepositoryOptions } from "../model/repository.js";
import { RateLimiter } from "../scheduler/rate-limiter.js";
import type { ServeOptions } from "../server/serve.js";
import type { LogSettings } from "./log.js";
import type { LogFormat } from "./log-line.js";
import type { OptionValue } from "./option-value.js";
import { parseRateLimitResource } from "./rate-limit-resource.js";

/** The command line of `tandem serve`, by whom it concerns. */
export interface ServeSettings {
  readonly repositoryPaths: readonly string[];
  readonly repository: Omit<RepositoryOptions, "logger">;
  readonly server: Omit<ServeOptions, "logger">;
  readonly log: LogSettings;
  readonly exitOnError: boolean;
}

/**
 * @param values every option's value, by name
 * @throws {ServingError} INVALID_ARGUMENT for a malformed `--backend-config` or `--rate-limit-resource`, or `--load-model`
 *   where it means nothing
 */
export function serveSettings(values: ReadonlyMap<string, OptionValue>): ServeSettings {
  const text = (name: string) => values.get(name) as string;
  const integer = (name: string) => values.get(name) as number;
  const isSet = (name: string) => values.get(name) as boolean;
  const list = (name: string) => values.get(name) as readonly string[];
  const resources = list("rate-limit-resource").map(parseRateLimitResource);
  const modelControl = text("model-control-mode") === "explicit" ? "explicit" : "none";
  const startupModels = list("load-model");
  if (modelControl === "none" && startupModels.length > 0) {
    throw invalidArgument(
      "Error: Use of '--load-model' requires setting '--model-control-mode=explicit' as well.",
    );
  }
  return {
    repositoryPaths: [...list("model-repository"), ...list("model-store")],
    repository: {
      modelControl,
      models: startupModels.length > 0 ? startupModels : undefined,
      modelLoadThreadCount: integer("model-load-thread-count"),
      modelLoadRetryCount: integer("model-load-retry-count"),
      modelConfigName: text("model-config-name"),
      autoComplete: !isSet("disable-auto-complete-config") && !isSet("strict-model-config"),
      backendConfig: parseBackendConfig(list("backend-config")),
      rateLimiter: text("rate-limit") === "off" ? undefined : new RateLimiter({ resources }),
    },
    server: {
      id: text("id"),
      allowHttp: isSet("allow-http"),
      httpAddress: text("http-address"),
      httpPort: integer("http-port"),
      httpMaxInputSize: integer("http-max-input-size"),
      allowMetrics: isSet("allow-metrics"),
      allowCpuMetrics: isSet("allow-cpu-metrics"),
      metricsAddress: text("metrics-address") || text("http-address"),
      metricsPort: integer("metrics-port"),
      metricsIntervalMs: integer("metrics-interval-ms"),
      strictReadiness: isSet("strict-readiness"),
      exitTimeoutSecs: integer("exit-timeout-secs"),
    },
    log: {
      verbose: integer("log-verbose"),
      info: isSet("log-info"),
      warning: isSet("log-warning"),
      error: isSet("log-error"),
      format: text("log-format") as LogFormat,
      file: text("log-file"),
    },
    exitOnError: isSet("exit-on-error"),
  };
}
