import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { serve } from "../../src/server/serve.js";
import { echoModel, FakeRepository } from "./fake-repository.js";
import { binaryRequest, exchange, open, post } from "./http-client.js";

const model = echoModel();
const failing = echoModel("failing");
const repository = new FakeRepository(model, failing);
const server = await serve(repository, { httpAddress: "127.0.0.1", httpPort: 0, allowMetrics: false });
const origin = `http://127.0.0.1:${server.httpPort}`;
const path = "/v2/models/echo/infer";

const numbers = new Float32Array([1, 0.1]);
const bytes = Buffer.from(numbers.buffer);
const json = { inputs: [{ name: "INPUT0", datatype: "FP32", shape: [2], data: [1, 0.1] }] };

test("answers JSON with JSON", async () => {
  const { status, headers, text } = await post(origin + path, JSON.stringify({ id: "7", ...json }));
  assert.is(status, 200);
  assert.is(headers["content-type"], "application/json");
  assert.is(headers["inference-header-content-length"], undefined);
  assert.is(
    text,
    '{"id":"7","model_name":"echo","model_version":"1","outputs":[{"name":"OUTPUT0","datatype":"FP32","shape":[2],"data":[1.0,0.10000000149011612]}]}',
  );
});

test("answers binary data with binary data", async () => {
  const { body, headers } = binaryRequest([2], bytes);
  const answer = await post(origin + path, body, headers);
  const expected =
    '{"model_name":"echo","model_version":"1","outputs":[{"name":"OUTPUT0","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}}]}';
  assert.is(answer.status, 200);
  assert.is(answer.headers["content-type"], "application/octet-stream");
  assert.is(answer.headers["inference-header-content-length"], `${expected.length}`);
  assert.is(answer.headers["content-length"], `${expected.length + 8}`);
  assert.ok(answer.body.equals(Buffer.concat([Buffer.from(expected), bytes])));
});

test("takes the same body in any number of chunks, with any content type", async () => {
  const { body, headers } = binaryRequest([2], bytes);
  for (const chunkSize of [1, 7, body.length]) {
    for (const type of [
      "application/json",
      "text/plain; charset=utf-8",
      "application/x-www-form-urlencoded",
    ]) {
      const chunks = [];
      for (let at = 0; at < body.length; at += chunkSize) chunks.push(body.subarray(at, at + chunkSize));
      const answer = await post(origin + path, chunks, { ...headers, "content-type": type });
      assert.is(answer.status, 200, answer.text);
      assert.ok(answer.body.subarray(-8).equals(bytes));
    }
  }
});

test("carries tensors of many megabytes both ways", async () => {
  const large = Buffer.alloc(20_000_000, 7);
  const { body, headers } = binaryRequest([5_000_000], large);
  const answer = await post(origin + path, body, headers);
  assert.is(answer.status, 200, answer.text.slice(0, 200));
  assert.is(answer.body.length, Number(answer.headers["content-length"]));
  assert.ok(answer.body.subarray(-large.length).equals(large));
});

test("a version may be part of the path", async () => {
  const versioned = await post(`${origin}/v2/models/echo/versions/1/infer`, JSON.stringify(json));
  assert.is(versioned.status, 200);
  const unknown = await post(`${origin}/v2/models/echo/versions/2/infer`, JSON.stringify(json));
  assert.is(unknown.status, 404);
  const invalid = await post(`${origin}/v2/models/echo/versions/0/infer`, JSON.stringify(json));
  assert.is(invalid.status, 400);
  assert.is(
    invalid.text,
    `{"error":"invalid model version specified '0' , version should be an integral value > 0"}`,
  );
});

test("an unknown model is unknown whatever the body and its headers are", async () => {
  for (const headers of [{}, { "inference-header-content-length": "x" }, { "content-encoding": "br" }]) {
    const answer = await post(`${origin}/v2/models/none/infer`, "{", headers);
    assert.is(answer.status, 404);
    assert.is(answer.headers["content-type"], "application/json");
    assert.is(answer.text, `{"error":"Request for unknown model: 'none' is not found"}`);
  }
});

test("a faulty header length is told before faulty JSON", async () => {
  const answer = await post(origin + path, "{", { "inference-header-content-length": "x" });
  assert.is(answer.status, 400);
  assert.is(answer.text, '{"error":"Unable to parse Inference-Header-Content-Length, got: x"}');
});

test("JSON faults are the status 500 that clients of this protocol know", async () => {
  for (const [body, message] of [
    ["", "failed to parse the request JSON buffer: The document is empty. at 0"],
    ["{}", "Unable to parse 'inputs': attempt to access non-existing object member 'inputs'"],
  ] as const) {
    const answer = await post(origin + path, body);
    assert.is(answer.status, 500);
    assert.is(answer.text, JSON.stringify({ error: message }));
  }
});

test("a header length of 0 makes the body the input", async () => {
  const answer = await post(origin + path, bytes, { "inference-header-content-length": "0" });
  assert.is(answer.status, 200);
  assert.equal(model.requests.at(-1)?.inputs[0]?.shape, [2]);
  assert.ok(answer.body.subarray(-8).equals(bytes));
});

test("a model's error becomes a status and its message", async () => {
  for (const [code, status] of [
    [Code.INVALID_ARGUMENT, 400],
    [Code.UNAVAILABLE, 503],
    [Code.INTERNAL, 500],
  ] as const) {
    failing.run = () => {
      throw new ServingError(code, 'it\'s "broken"');
    };
    const answer = await post(`${origin}/v2/models/failing/infer`, JSON.stringify(json));
    assert.is(answer.status, status);
    assert.is(answer.text, '{"error":"it\'s \\"broken\\""}');
  }
});

test("an output that cannot be written as asked for is an error, not a broken response", async () => {
  failing.run = (request) => model.run(request);
  const outputs = [{ name: "OUTPUT0", parameters: { classification: 1 } }];
  const input = { name: "INPUT0", datatype: "BOOL", shape: [1], data: [true] };
  const answer = await post(
    `${origin}/v2/models/failing/infer`,
    JSON.stringify({ inputs: [input], outputs }),
  );
  assert.is(answer.status, 400);
  assert.is(answer.text, `{"error":"class result not available for output due to unsupported type 'BOOL'"}`);
});

test("a client that goes away cancels its requests", async () => {
  let aborted: () => void = () => {};
  const cancelled = new Promise<void>((resolve) => {
    aborted = resolve;
  });
  const started = new Promise<void>((resolve) => {
    failing.run = (request) => {
      request.signal?.addEventListener("abort", () => aborted());
      resolve();
      return new Promise(() => {});
    };
  });
  const socket = await open(server.httpPort as number);
  const body = JSON.stringify(json);
  socket.write(
    `POST /v2/models/failing/infer HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  await started;
  socket.destroy();
  await cancelled;
});

test("requests that follow each other without waiting are answered in order", async () => {
  const request = (id: number) => {
    const body = JSON.stringify({ id: `${id}`, ...json });
    return `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n${id === 3 ? "Connection: close\r\n" : ""}\r\n${body}`;
  };
  const answer = await exchange(server.httpPort as number, request(1) + request(2) + request(3));
  const ids = [...answer.matchAll(/"id":"(\d)"/g)].map((match) => match[1]);
  assert.equal(ids, ["1", "2", "3"]);
});

test.after(() => server.close());
test.run();
