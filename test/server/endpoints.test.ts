import { test } from "uvu";
import * as assert from "uvu/assert";
import { invalidArgument } from "../../src/inference/serving-error.js";
import { packageVersion } from "../../src/server/package-version.js";
import { serve } from "../../src/server/serve.js";
import { echoModel, FakeModel, FakeRepository, tensorConfig } from "./fake-repository.js";
import { get, post, send } from "./http-client.js";

const batching = new FakeModel("batching.model-1", 3, {
  backend: "pytorch",
  maxBatchSize: 8,
  input: [tensorConfig("IN", "TYPE_STRING", [2])],
  output: [tensorConfig("OUT", "TYPE_INT64", [-1])],
});
const repository = new FakeRepository(echoModel(), batching);
const server = await serve(repository, { httpAddress: "127.0.0.1", httpPort: 0, allowMetrics: false });
const origin = `http://127.0.0.1:${server.httpPort}`;

async function assertJson(path: string, expected: unknown): Promise<void> {
  const answer = await get(origin + path);
  assert.is(answer.status, 200, answer.text);
  assert.is(answer.headers["content-type"], "application/json");
  assert.equal(JSON.parse(answer.text), expected);
}

async function assertError(answer: ReturnType<typeof get>, status: number, error: string): Promise<void> {
  const { status: got, text } = await answer;
  assert.is(text, JSON.stringify({ error }));
  assert.is(got, status);
}

test("GET /v2 tells name, version and extensions", async () => {
  const { text } = await get(`${origin}/v2`);
  assert.match(text, `{"name":"triton","version":"${packageVersion()}","extensions":["classification",`);
});

test("health is a status with an empty body", async () => {
  for (const [path, ready, status] of [
    ["/v2/health/live", true, 200],
    ["/v2/health/live", false, 200],
    ["/v2/health/ready", true, 200],
    ["/v2/health/ready", false, 400],
  ] as const) {
    repository.ready = ready;
    const answer = await get(origin + path);
    assert.is(answer.status, status);
    assert.is(answer.text, "");
    assert.is(answer.headers["content-length"], "0");
  }
  repository.ready = true;
});

test("a model's metadata, with and without a version", async () => {
  const metadata = {
    name: "batching.model-1",
    versions: ["3"],
    platform: "",
    inputs: [{ name: "IN", datatype: "BYTES", shape: [-1, 2] }],
    outputs: [{ name: "OUT", datatype: "INT64", shape: [-1, -1] }],
  };
  await assertJson("/v2/models/batching.model-1", metadata);
  await assertJson("/v2/models/batching.model-1/versions/3", metadata);
  await assertError(get(`${origin}/v2/models/x`), 404, "Request for unknown model: 'x' is not found");
});

test("a model is ready, not ready or unknown", async () => {
  const ready = await get(`${origin}/v2/models/echo/ready`);
  assert.equal([ready.status, ready.text], [200, ""]);
  assert.is((await get(`${origin}/v2/models/echo/versions/1/ready`)).status, 200);
  await assertError(get(`${origin}/v2/models/x/ready`), 404, "Request for unknown model: 'x' is not found");
});

test("a model's configuration is the normalised one, in snake case", async () => {
  const { text } = await get(`${origin}/v2/models/batching.model-1/config`);
  const config = JSON.parse(text);
  assert.is(config.max_batch_size, 8);
  assert.equal(config.input[0].dims, [2]);
  assert.is(config.input[0].data_type, "TYPE_STRING");
});

test("statistics of one version, one model, all models", async () => {
  const names = async (path: string) => {
    const { text } = await get(origin + path);
    return JSON.parse(text).model_stats.map((model: { name: string }) => model.name);
  };
  assert.equal(await names("/v2/models/stats"), ["echo", "batching.model-1"]);
  assert.equal(await names("/v2/models/echo/stats"), ["echo"]);
  assert.equal(await names("/v2/models/echo/versions/1/stats"), ["echo"]);
  await assertError(get(`${origin}/v2/models/x/stats`), 400, "requested model 'x' is not available");
  await assertError(
    get(`${origin}/v2/models/echo/versions/9/stats`),
    400,
    "requested model version is not available for model 'echo'",
  );
});

test("the repository index, of all or of what is ready", async () => {
  repository.rows = [{ name: "a" }, { name: "b", version: "1", state: "READY", reason: "" }];
  const all = await post(`${origin}/v2/repository/index`);
  assert.is(all.text, '[{"name":"a"},{"name":"b","version":"1","state":"READY"}]');
  const ready = await post(`${origin}/v2/repository/index`, '{"ready":true}', { "content-type": "x" });
  assert.is(ready.status, 200, ready.text);
  assert.is(ready.text, '[{"name":"b","version":"1","state":"READY"}]');
  await assertError(
    post(`${origin}/v2/repository/index`, '{"ready":"yes"}'),
    400,
    "Invalid value for 'ready': expected a boolean",
  );
});

test("models are neither loaded nor unloaded through the protocol", async () => {
  for (const action of ["load", "unload"]) {
    await assertError(
      post(`${origin}/v2/repository/models/echo/${action}`, "{}"),
      503,
      "explicit model load / unload is not allowed if polling is enabled",
    );
    await assertError(
      post(`${origin}/v2/repository/r/models/echo/${action}`),
      501,
      "'repository_name' specification is not supported",
    );
  }
  await assertError(
    post(`${origin}/v2/repository/r/index`),
    501,
    "'repository_name' specification is not supported",
  );
});

test("no memory is shared with clients", async () => {
  for (const kind of ["system", "cuda"]) {
    const path = `${origin}/v2/${kind}sharedmemory`;
    assert.is((await get(`${path}/status`)).text, "[]");
    await assertError(
      get(`${path}/region/r/status`),
      404,
      `Unable to find ${kind} shared memory region: 'r'`,
    );
    for (const request of [
      `${path}/region/r/register`,
      `${path}/region/r/unregister`,
      `${path}/unregister`,
    ]) {
      await assertError(
        post(request, "{}"),
        501,
        "Client shared memory is disabled. Start the server with '--allow-client-shm=true' to enable.",
      );
    }
  }
});

test("unknown paths are not found", async () => {
  for (const path of [
    "/",
    "/v1",
    "/v2/",
    "/v2/models",
    "/v2/models/echo/",
    "/v2/models/echo/generate",
    "/v2/logging",
  ]) {
    await assertError(get(origin + path), 404, "Not Found");
  }
  await assertError(post(`${origin}/v2/models/echo/generate`, "{}"), 404, "Not Found");
});

test("known paths with another method say so", async () => {
  await assertError(get(`${origin}/v2/models/echo/infer`), 405, "Method Not Allowed");
  await assertError(get(`${origin}/v2/repository/index`), 405, "Method Not Allowed");
  for (const method of ["POST", "PUT", "DELETE"]) {
    await assertError(send(method, `${origin}/v2/models/echo`, "{}"), 405, "Method Not Allowed");
  }
  assert.is((await send("HEAD", `${origin}/v2/health/live`)).status, 405);
});

test("a path that cannot be decoded is an error like any other", async () => {
  const answer = await get(`${origin}/v2/models/%zz`);
  assert.is(answer.status, 400);
  assert.ok("error" in JSON.parse(answer.text));
});

test("what goes wrong in an endpoint is told in the body", async () => {
  const index = repository.index;
  repository.index = () => {
    throw invalidArgument("no index");
  };
  await assertError(post(`${origin}/v2/repository/index`), 400, "no index");
  repository.index = index;
});

test.after(() => server.close());
test.run();
