import { once } from "node:events";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Tensor } from "../../src/inference/tensor.js";
import { serve } from "../../src/server/serve.js";
import { echoModel, FakeRepository } from "./fake-repository.js";
import { get, open, received } from "./http-client.js";

const json = JSON.stringify({ inputs: [{ name: "INPUT0", datatype: "FP32", shape: [1], data: [1] }] });
const inferRequest = `POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: ${json.length}\r\n\r\n${json}`;

/** A server with one request in flight on a kept connection, until `finish` is called. */
async function busyServer(exitTimeoutSecs = 10) {
  const model = echoModel();
  const repository = new FakeRepository(model);
  const server = await serve(repository, {
    httpAddress: "127.0.0.1",
    httpPort: 0,
    metricsPort: 0,
    exitTimeoutSecs,
  });
  const socket = await open(server.httpPort as number);
  const answers = received(socket);
  let finish = () => {};
  const started = new Promise<void>((resolve) => {
    model.run = (request) => {
      resolve();
      return new Promise<Tensor[]>((answer) => {
        finish = () => answer([...request.inputs]);
      });
    };
  });
  socket.write(inferRequest);
  await started;
  return { repository, server, socket, answers, finish: () => finish() };
}

test("finishes what is in flight, then closes connection, repository and metrics", async () => {
  const { repository, server, answers, finish } = await busyServer();
  const closed = server.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(repository.closed, false);
  assert.is((await get(`http://127.0.0.1:${server.metricsPort}/metrics`)).status, 200);
  finish();
  assert.match(await answers, /^HTTP\/1.1 200 OK[\s\S]*"data":\[1.0\]/);
  await closed;
  assert.is(repository.closed, true);
  for (const port of [server.httpPort, server.metricsPort]) {
    const refused = await open(port as number).catch((error) => error.code);
    assert.is(refused, "ECONNREFUSED");
  }
});

test("accepts no connection and no request once it stops, and is not ready", async () => {
  const { server, socket, answers, finish } = await busyServer();
  // The next two are waiting behind the first when the server begins to stop.
  socket.write(`GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n${inferRequest}`);
  const closed = server.close();
  const refused = await open(server.httpPort as number).catch((error) => error.code);
  assert.is(refused, "ECONNREFUSED");
  await new Promise((resolve) => setTimeout(resolve, 20));
  finish();
  const text = await answers;
  assert.equal(
    [...text.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]),
    ["200", "503"],
  );
  assert.match(text, '{"error":"Server exiting"}');
  assert.match(text, "Connection: close");
  await closed;
});

test("does not wait for connections that are idle", async () => {
  const server = await serve(new FakeRepository(), {
    httpAddress: "127.0.0.1",
    httpPort: 0,
    allowMetrics: false,
  });
  const fresh = await open(server.httpPort as number);
  const used = await open(server.httpPort as number);
  used.write("GET /v2/health/live HTTP/1.1\r\nHost: x\r\n\r\n");
  await once(used, "data");
  const ends = [once(fresh, "close"), once(used, "close")];
  fresh.resume();
  used.resume();
  await server.close();
  await Promise.all(ends);
});

test("cuts what is not finished in time, and says so", async () => {
  const { repository, server, answers } = await busyServer(0.1);
  let message = "";
  await server.close().catch((error: Error) => {
    message = error.message;
  });
  assert.is(message, "Exit timeout expired. Exiting immediately.");
  assert.is(await answers.catch(() => ""), "");
  assert.is(repository.closed, false);
});

test("closing twice is closing once", async () => {
  const { server, finish } = await busyServer();
  const first = server.close();
  assert.is(server.close(), first);
  finish();
  await first;
});

test("a port in use is an error that names it, and nothing stays open", async () => {
  const first = await serve(new FakeRepository(), { httpAddress: "127.0.0.1", httpPort: 0, metricsPort: 0 });
  const taken = first.metricsPort as number;
  for (const [options, service] of [
    [{ httpPort: taken, metricsPort: 0 }, "HTTP"],
    [{ httpPort: 0, metricsPort: taken }, "metrics"],
  ] as const) {
    let message = "";
    await serve(new FakeRepository(), { httpAddress: "127.0.0.1", ...options }).catch((error: Error) => {
      message = error.message;
    });
    assert.match(message, `failed to start the ${service} service at 127.0.0.1:${taken}: the port is in use`);
  }
  await first.close();
});

test.run();
