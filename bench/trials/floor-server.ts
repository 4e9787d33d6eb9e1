// A server that reads a request and answers the same bytes each time, without any inference: what HTTP alone costs.
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer as createSocketServer } from "node:net";
import fastify from "fastify";

export type FloorKind = "fastify" | "node:http" | "node:net";

const header = JSON.stringify({
  model_name: "tiny",
  model_version: "1",
  outputs: [{ name: "y", datatype: "FP32", shape: [1, 4], parameters: { binary_data_size: 16 } }],
});
const body = Buffer.concat([Buffer.from(header), Buffer.alloc(16)]);
const headers = {
  "content-type": "application/octet-stream",
  "inference-header-content-length": header.length,
  "content-length": body.length,
};

const starts: Readonly<Record<FloorKind, () => Promise<number>>> = {
  fastify: startFastify,
  "node:http": startHttp,
  "node:net": startNet,
};
const port = await starts[process.argv[2] as FloorKind]();
process.stdout.write(`${port}\n`);

async function startFastify(): Promise<number> {
  const app = fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  app.post("/v2/models/:model/infer", (_request, reply) => reply.headers(headers).send(body));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as AddressInfo).port;
}

function startHttp(): Promise<number> {
  const server = createHttpServer((request, response) => {
    request.resume().on("end", () => response.writeHead(200, headers).end(body));
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
}

/** No HTTP at all: every piece that arrives counts as a request. */
function startNet(): Promise<number> {
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const answer = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head.join("")}\r\n`), body]);
  const server = createSocketServer({ noDelay: true }, (socket) => {
    socket.on("data", () => socket.write(answer)).on("error", () => socket.destroy());
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
  );
}
