import { deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { responseCompression } from "../../src/server/compression.js";
import { serve } from "../../src/server/serve.js";
import { echoModel, FakeRepository } from "./fake-repository.js";
import { binaryRequest, post } from "./http-client.js";

const server = await serve(new FakeRepository(echoModel()), {
  httpAddress: "127.0.0.1",
  httpPort: 0,
  httpMaxInputSize: 1000,
  allowMetrics: false,
});
const url = `http://127.0.0.1:${server.httpPort}/v2/models/echo/infer`;
const data = Buffer.alloc(400, 1);
const { body, headers } = binaryRequest([100], data);

test("reads gzip and deflate bodies; the header length is that of the plain body", async () => {
  for (const [encoding, compressed] of [
    ["gzip", gzipSync(body)],
    ["deflate", deflateSync(body)],
    ["identity", body],
  ] as const) {
    const answer = await post(url, compressed, { ...headers, "content-encoding": encoding });
    assert.is(answer.status, 200, answer.text);
    assert.ok(answer.body.subarray(-400).equals(data));
  }
});

test("writes gzip and deflate bodies where the client prefers them", async () => {
  for (const [encoding, decompress] of [
    ["gzip", gunzipSync],
    ["deflate", inflateSync],
  ] as const) {
    const answer = await post(url, body, { ...headers, "accept-encoding": encoding });
    assert.is(answer.headers["content-encoding"], encoding);
    const plain = decompress(answer.body);
    assert.is(plain.length, Number(answer.headers["inference-header-content-length"]) + 400);
    assert.ok(plain.subarray(-400).equals(data));
  }
});

test("leaves a response as it is where the client prefers that", async () => {
  const answer = await post(url, body, { ...headers, "accept-encoding": "gzip;q=0.5, identity" });
  assert.is(answer.headers["content-encoding"], undefined);
});

test("the heaviest encoding wins, the first of equals", () => {
  for (const [header, chosen] of [
    ["gzip, deflate, br", "gzip"],
    ["deflate, gzip", "deflate"],
    ["gzip;q=0.3, deflate;q=0.7", "deflate"],
    ["gzip; q=0", undefined],
    ["identity, gzip", undefined],
    ["br, zstd", undefined],
    ["*", undefined],
    ["", undefined],
  ] as const) {
    assert.is(responseCompression(header), chosen, header);
  }
});

test("names the encodings it knows when it gets another", async () => {
  const answer = await post(url, body, { ...headers, "content-encoding": "br" });
  assert.is(answer.status, 501);
  assert.is(answer.text, '{"error":"Unsupported compression type"}');
  assert.is(answer.headers["accept-encoding"], "gzip, deflate");
});

test("refuses a body that is not what its encoding says", async () => {
  const answer = await post(url, "no gzip", { ...headers, "content-encoding": "gzip" });
  assert.is(answer.status, 400);
  assert.match(answer.text, "failed to decompress the gzip request body");
});

test("refuses a body that grows beyond the limit", async () => {
  const bomb = binaryRequest([250_000], Buffer.alloc(1_000_000));
  for (const compressed of [gzipSync(bomb.body), gzipSync(bomb.body, { level: 0 })]) {
    const answer = await post(url, compressed, { ...bomb.headers, "content-encoding": "gzip" });
    assert.is(answer.status, 400);
    assert.is(
      answer.text,
      '{"error":"Decompressed data size exceeds the maximum allowed value of 1000 bytes. Use --http-max-input-size to increase the limit."}',
    );
  }
});

test.after(() => server.close());
test.run();
