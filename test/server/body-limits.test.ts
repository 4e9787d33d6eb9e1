import { test } from "uvu";
import * as assert from "uvu/assert";
import { serve } from "../../src/server/serve.js";
import { echoModel, FakeRepository } from "./fake-repository.js";
import { binaryRequest, exchange, open, post, received } from "./http-client.js";

const server = await serve(new FakeRepository(echoModel()), {
  httpAddress: "127.0.0.1",
  httpPort: 0,
  httpMaxInputSize: 1000,
  allowMetrics: false,
});
const port = server.httpPort as number;
const url = `http://127.0.0.1:${port}/v2/models/echo/infer`;

function tooLarge(byteSize: number): string {
  return `{"error":"request JSON size of ${byteSize} bytes exceeds the maximum allowed input size of 1000 bytes. Use --http-max-input-size to increase the limit."}`;
}

test("binary tensors are not limited", async () => {
  const { body, headers } = binaryRequest([2000], Buffer.alloc(8000));
  assert.is((await post(url, body, headers)).status, 200);
});

test("refuses JSON beyond the limit, announced or not", async () => {
  const json = Buffer.from(`{"id":"${"x".repeat(993)}"}`);
  const announced = await post(url, json);
  assert.equal([announced.status, announced.text], [400, tooLarge(1002)]);
  const chunked = await post(url, [json.subarray(0, 500), json.subarray(500)]);
  assert.equal([chunked.status, chunked.text], [400, tooLarge(1002)]);
});

test("answers before a large body has come", async () => {
  const socket = await open(port);
  socket.write("POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n");
  const [answer] = await Promise.all([
    new Promise<string>((resolve) => socket.once("data", (chunk) => resolve(`${chunk}`))),
  ]);
  assert.match(answer, tooLarge(1_000_000_000));
  socket.destroy();
});

test("the connection serves on after a body that was too large", async () => {
  const json = `{"id":"${"x".repeat(993)}"}`;
  const head = "POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\n";
  const answer = await exchange(
    port,
    `${head}Content-Length: 1002\r\n\r\n${json}${head}Connection: close\r\nContent-Length: 2\r\n\r\n{}`,
  );
  assert.equal(
    [...answer.matchAll(/HTTP\/1.1 (\d+)/g)].map((match) => match[1]),
    ["400", "500"],
  );
});

test("refuses raw requests beyond the limit", async () => {
  const answer = await post(url, Buffer.alloc(1004), { "inference-header-content-length": "0" });
  assert.is(answer.status, 400);
  assert.match(
    answer.text,
    "Raw input has a byte_size (1004 bytes) that exceeds the maximum allowed value of 1000 bytes.",
  );
});

test("an unknown model is told before a limit", async () => {
  assert.is((await post(url.replace("echo", "none"), "x".repeat(2000))).status, 404);
});

test("refuses a body in more parts than anybody needs, and closes the connection", async () => {
  const head =
    "POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nInference-Header-Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n";
  const socket = await open(port);
  const answer = received(socket);
  socket.write(`${head}${"1\r\nx\r\n".repeat(65_537)}0\r\n\r\n`);
  const text = await answer;
  assert.match(text, "HTTP/1.1 400");
  assert.match(
    text,
    '{"error":"Chunked request body exceeds maximum of 65536 non-empty chunks. Send fewer or larger HTTP chunks."}',
  );
});

test("takes as many parts as are allowed", async () => {
  const json = '{"inputs":[]}'.padEnd(65_536);
  const socket = await open(port);
  const answer = received(socket);
  socket.write(
    "POST /v2/models/echo/infer HTTP/1.1\r\nHost: x\r\nConnection: close\r\nInference-Header-Content-Length: 13\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
  socket.write([...json].map((character) => `1\r\n${character}\r\n`).join(""));
  socket.write("0\r\n\r\n");
  assert.match(await answer, "unexpected additional input data for model 'echo'");
});

test.after(() => server.close());
test.run();
