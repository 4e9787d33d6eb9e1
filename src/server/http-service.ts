import type { AddressInfo, Socket } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { type KServePluginOptions, kservePlugin } from "./kserve-plugin.js";
import { listenError } from "./listen-error.js";
import { notFound } from "./missing-routes.js";
import { sendError } from "./replies.js";

/** Names of models longer than this are unknown paths. */
const maxNameLength = 1024;

/** A port that answers the KServe v2 endpoints and nothing else. */
export class HttpService {
  readonly #app: FastifyInstance;
  readonly #sockets = new Set<Socket>();

  private constructor(app: FastifyInstance) {
    this.#app = app;
    app.server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  /** Rejects with UNAVAILABLE if the port cannot be had. */
  static async start(address: string, port: number, options: KServePluginOptions): Promise<HttpService> {
    const app = fastify({
      logger: false,
      exposeHeadRoutes: false,
      return503OnClosing: false,
      routerOptions: { maxParamLength: maxNameLength },
      frameworkErrors: (error, _request, reply) => sendError(reply, error),
    });
    app.setNotFoundHandler(notFound);
    await app.register(kservePlugin, options);
    const service = new HttpService(app);
    try {
      await app.listen({ host: address, port });
    } catch (error) {
      await app.close();
      throw listenError("HTTP", address, port, error);
    }
    return service;
  }

  get port(): number {
    return (this.#app.server.address() as AddressInfo).port;
  }

  /** Stops accepting connections and resolves once the open ones have their answers. Idle ones are closed. */
  async drain(): Promise<void> {
    const closed = this.#app.close();
    const reaper = setInterval(() => this.#closeIdle(), 20);
    try {
      await closed;
    } finally {
      clearInterval(reaper);
    }
  }

  #closeIdle(): void {
    this.#app.server.closeIdleConnections();
    // For node:http, a connection that has not been used yet is not idle.
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Closes what is open, answered or not. */
  abort(): void {
    this.#app.server.closeAllConnections();
  }
}
