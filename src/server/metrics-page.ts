import { createServer, type Server } from "node:http";
import { Registry } from "prom-client";
import { type MeasuredModel, registerModelMetrics } from "./model-metrics.js";
import { ProcessorMetrics } from "./processor-metrics.js";

export interface MetricsPageOptions {
  /** Every model the page is to show, whenever it is asked. */
  readonly models: () => readonly MeasuredModel[];
  /** Whether the machine's processors and memory are shown too. */
  readonly allowCpuMetrics: boolean;
  readonly intervalMs: number;
}

/** A server of `/metrics` in the text format of Prometheus; other paths are empty. Nothing is counted between two visits. */
export function metricsPage(options: MetricsPageOptions): Server {
  const processors = options.allowCpuMetrics ? new ProcessorMetrics(options.intervalMs) : undefined;
  return createServer((request, response) => {
    if (request.url?.split("?")[0] !== "/metrics") {
      response.end();
      return;
    }
    const registry = new Registry();
    registerModelMetrics(registry, options.models());
    processors?.register(registry);
    registry.metrics().then(
      (text) => response.setHeader("content-type", "text/plain; charset=utf-8").end(text),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
}
