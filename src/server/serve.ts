import type { ModelControlMode, ModelRepository } from "../model/served-model.js";
import { Expiry } from "./expiry.js";
import { HttpService } from "./http-service.js";
import { Lifecycle } from "./lifecycle.js";
import { MetricsService } from "./metrics-service.js";
import { type ServerLogger, silentServerLogger } from "./server-logger.js";

/** Options of `tandem serve`, by the same names. */
export interface ServeOptions {
  /** Whether clients may load and unload models: `explicit`, else `none`. Default: the repository's. */
  readonly modelControl?: ModelControlMode;
  /** The server's name in its metadata. Default "triton", which clients of that server expect. */
  readonly id?: string;
  readonly allowHttp?: boolean;
  /** Default "0.0.0.0". */
  readonly httpAddress?: string;
  /** Default 8000; 0: any free port. */
  readonly httpPort?: number;
  /** Largest JSON request, JSON tensor, raw request or decompressed body, in bytes. Default 64 MiB. */
  readonly httpMaxInputSize?: number;
  readonly allowMetrics?: boolean;
  /** Whether the metrics tell of the machine's processors and memory. Default true. */
  readonly allowCpuMetrics?: boolean;
  /** Default: the HTTP address. */
  readonly metricsAddress?: string;
  /** Default 8002; 0: any free port. */
  readonly metricsPort?: number;
  /** Default 2000. */
  readonly metricsIntervalMs?: number;
  /** Whether a model that failed to load keeps the server from being ready. Default true. */
  readonly strictReadiness?: boolean;
  /** How long `close()` waits for requests in flight. Default 30. */
  readonly exitTimeoutSecs?: number;
  /** Default: none. */
  readonly logger?: ServerLogger;
}

export interface RunningServer {
  /** The port in use; undefined without HTTP. */
  readonly httpPort: number | undefined;
  /** The port in use; undefined without metrics. */
  readonly metricsPort: number | undefined;
  /**
   * Stops accepting connections, finishes what is in flight, closes the repository. Idempotent.
   *
   * @throws {ServingError} DEADLINE_EXCEEDED if that takes longer than `exitTimeoutSecs`: open connections are cut,
   *   and what is left of the repository is the caller's
   */
  close(): Promise<void>;
}

/**
 * Serves a repository over the network. Load its models first: from here on clients are answered.
 *
 * @throws {ServingError} UNAVAILABLE if a port cannot be had; nothing is left open then
 */
export async function serve(repository: ModelRepository, options: ServeOptions = {}): Promise<RunningServer> {
  const { logger = silentServerLogger, httpAddress = "0.0.0.0" } = options;
  const lifecycle = new Lifecycle();
  let http: HttpService | undefined;
  let metrics: MetricsService | undefined;
  if (options.allowHttp ?? true) {
    http = await HttpService.start(httpAddress, options.httpPort ?? 8000, {
      ...options,
      repository,
      lifecycle,
      logger,
    });
    logger.info(`Started HTTPService at ${httpAddress}:${http.port}`);
  }
  if (options.allowMetrics ?? true) {
    const address = options.metricsAddress ?? httpAddress;
    try {
      metrics = await MetricsService.start(address, options.metricsPort ?? 8002, {
        models: () => repository.models(),
        allowCpuMetrics: options.allowCpuMetrics ?? true,
        intervalMs: options.metricsIntervalMs ?? 2000,
      });
    } catch (error) {
      await http?.drain();
      throw error;
    }
    logger.info(`Started Metrics Service at ${address}:${metrics.port}`);
  }

  async function stop(): Promise<void> {
    lifecycle.isExiting = true;
    logger.info("Waiting for in-flight requests to complete.");
    const expiry = new Expiry((options.exitTimeoutSecs ?? 30) * 1000);
    try {
      if (http !== undefined) await expiry.limit(http.drain());
      logger.info("All models are stopped, unloading models");
      await expiry.limit(repository.close());
    } finally {
      expiry.cancel();
      http?.abort();
      await metrics?.close();
    }
  }

  let stopping: Promise<void> | undefined;
  return {
    httpPort: http?.port,
    metricsPort: metrics?.port,
    close() {
      stopping ??= stop();
      return stopping;
    },
  };
}
