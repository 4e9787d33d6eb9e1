import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { listenError } from "./listen-error.js";
import { type MetricsPageOptions, metricsPage } from "./metrics-page.js";

/** A port that answers the metrics page. */
export class MetricsService {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Rejects with UNAVAILABLE if the port cannot be had. */
  static async start(address: string, port: number, options: MetricsPageOptions): Promise<MetricsService> {
    const server = metricsPage(options);
    try {
      server.listen({ host: address, port });
      await once(server, "listening");
    } catch (error) {
      throw listenError("metrics", address, port, error);
    }
    return new MetricsService(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
