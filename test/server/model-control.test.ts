import fastify from "fastify";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Repository, type RepositoryOptions } from "../../src/model/repository.js";
import { kservePlugin } from "../../src/server/kserve-plugin.js";
import { type RunningServer, type ServeOptions, serve } from "../../src/server/serve.js";
import { addModel, allVersions, nameless } from "../model/lifecycle-repository.js";
import { type FakeEngineOptions, fakeLoader } from "../support/fake-engine.js";
import { ModelFiles } from "../support/model-files.js";
import { echoModel, FakeRepository } from "./fake-repository.js";
import { get, post } from "./http-client.js";

interface Context {
  files: ModelFiles;
  servers: RunningServer[];
}

const test = suite<Context>("model control over HTTP");
test.before.each((context) => {
  context.files = new ModelFiles();
  context.servers = [];
});
test.after.each(async ({ files, servers }) => {
  await Promise.all(servers.map((server) => server.close()));
  files.remove();
});

/** A server of fake engines, and what clients ask of it. */
async function started(
  { files, servers }: Context,
  options: RepositoryOptions & ServeOptions = {},
  engineOptions: FakeEngineOptions = {},
) {
  const loader = fakeLoader(engineOptions);
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const repository = new Repository(files.path, {
    modelControl: "explicit",
    engines: { tensorflow: loader },
    logger,
    ...options,
  });
  await repository.load();
  const ports = { httpAddress: "127.0.0.1", httpPort: 0, metricsPort: 0 };
  const server = await serve(repository, { ...ports, ...options, logger });
  servers.push(server);
  const url = `http://127.0.0.1:${server.httpPort}/v2`;
  const asked = async (path: string, body = "") => {
    const { status, text } = await post(`${url}/${path}`, body);
    return [status, text];
  };
  return {
    loader,
    load: (name: string, body?: string) => asked(`repository/models/${name}/load`, body),
    unload: (name: string, body?: string) => asked(`repository/models/${name}/unload`, body),
    infer: (name: string) =>
      post(
        `${url}/models/${name}/infer`,
        JSON.stringify({ inputs: [{ name: "x", datatype: "FP32", shape: [1, 2], data: [3, 4] }] }),
      ),
    index: async () => (await asked("repository/index"))[1],
    status: async (path: string) => (await get(`${url}/${path}`)).status,
    metrics: async () => (await get(`http://127.0.0.1:${server.metricsPort}/metrics`)).text,
  };
}

const error = (status: number, text: string) => [status, JSON.stringify({ error: text })];
const done = [200, ""];

test("a model serves once its load is answered, and no longer once its unload is", async (context) => {
  addModel(context.files, "m");
  const server = await started(context);
  assert.is(await server.index(), '[{"name":"m"}]');
  assert.is((await server.infer("m")).status, 404);
  assert.equal(await server.load("m"), done);
  assert.is((await server.infer("m")).status, 200);
  assert.is(await server.index(), '[{"name":"m","version":"1","state":"READY"}]');
  assert.equal(await server.load("m", "{}"), done);
  assert.equal(await server.unload("m", '{"parameters":{"unload_dependents":false}}'), done);
  const refused = await server.infer("m");
  assert.is(refused.status, 404);
  assert.is(refused.text, '{"error":"Request for unknown model: \'m\' has no available versions"}');
  assert.equal(await server.unload("m"), done);
  assert.is(await server.index(), '[{"name":"m","version":"1","state":"UNAVAILABLE","reason":"unloaded"}]');
});

test("an unload is answered though requests are under way, and so are they", async (context) => {
  addModel(context.files, "m");
  const server = await started(context, { models: ["m"] }, { manual: true });
  const engine = server.loader.engines.get("m/1");
  const answer = server.infer("m");
  while (engine?.executions.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await server.unload("m"), done);
  assert.match((await server.index()) as string, '"state":"UNLOADING"');
  engine?.finish();
  assert.is((await answer).status, 200);
});

test("statistics and metrics of a model go with it, and begin anew", async (context) => {
  addModel(context.files, "m");
  const server = await started(context, { models: ["*"] });
  await server.infer("m");
  const count = async () =>
    /^nv_inference_request_success\{model="m",version="1"\} (\d+)$/m.exec(await server.metrics())?.[1];
  assert.is(await count(), "1");
  assert.is(await server.status("models/m/stats"), 200);
  await server.unload("m");
  assert.is(await count(), undefined);
  assert.not.match(await server.metrics(), 'model="m"');
  assert.is(await server.status("models/m/stats"), 400);
  await server.load("m");
  assert.is(await count(), "0");
});

test("what cannot be loaded is told, and keeps the server from being ready until it is unloaded", async (context) => {
  addModel(context.files, "m", allVersions, [1]);
  context.files.add("m/2/");
  const server = await started(context);
  const reason = `Unavailable: unable to find '${context.files.at("m/2/model.graphdef")}' for model instance 'm'`;
  const clause = `version 2 is at UNAVAILABLE state: ${reason};\n`;
  assert.is(await server.status("health/ready"), 200);
  assert.equal(await server.load("m"), error(400, `load failed for model 'm': ${clause}`));
  assert.is(await server.status("health/ready"), 400);
  assert.is(await server.status("models/m/versions/1/ready"), 400);
  await server.unload("m");
  assert.is(await server.status("health/ready"), 200);
});

test("names are checked when loading only", async (context) => {
  addModel(context.files, "model..1");
  const server = await started(context);
  assert.equal(
    await server.load("%20"),
    error(400, "Model name cannot be empty. Please enter a valid name to deploy."),
  );
  // Alone, two dots would not be sent: they are a way up.
  for (const name of [".. ", "a/b"]) {
    const text = `invalid model name '${name}', model name must not contain path traversal characters`;
    assert.equal(await server.load(encodeURIComponent(name)), error(400, text));
  }
  for (const name of ["unknown", "..."]) {
    const text = `failed to load '${name}', failed to poll from model repository`;
    assert.equal(await server.load(name), error(500, text));
  }
  assert.equal(await server.load("model..1"), done);
  assert.equal(await server.unload("unknown"), done);
  assert.equal(await server.unload("%20"), done);
});

test("models that appear while it serves are in the index, and can be loaded", async (context) => {
  const server = await started(context);
  addModel(context.files, "late");
  assert.is(await server.index(), '[{"name":"late"}]');
  assert.equal(await server.load("late"), done);
});

test("what a body asks for is checked before anything is done", async (context) => {
  addModel(context.files, "m");
  const server = await started(context);
  assert.equal(
    await server.load("m", '{"parameters":{"config":"{}"}}'),
    error(
      501,
      "load parameter 'config' is not implemented yet: a model is loaded as it is in the repository",
    ),
  );
  assert.is((await server.load("m", "{"))[0], 500);
  assert.is((await server.unload("m", '{"parameters":[]}'))[0], 500);
  assert.is(await server.index(), '[{"name":"m"}]');
});

test("without explicit control clients are refused, whatever they ask for", async (context) => {
  addModel(context.files, "m", nameless);
  for (const options of [{ modelControl: "none" }, {}] as const) {
    const server = await started(context, { ...options, models: ["m"] });
    const isRefused = options.modelControl === "none";
    const refused = error(503, "explicit model load / unload is not allowed if polling is enabled");
    assert.equal(await server.load("m", "{}"), isRefused ? refused : done);
    assert.equal(await server.load("unknown", "{").then(([status]) => status), isRefused ? 503 : 500);
    assert.equal(await server.unload("m"), isRefused ? refused : done);
  }
});

test("the server and the plugin may decide otherwise than the repository", async () => {
  for (const [own, option, expected] of [
    ["none", undefined, 503],
    ["none", "explicit", 200],
    ["explicit", undefined, 200],
    ["explicit", "none", 503],
  ] as const) {
    const repository = new FakeRepository(echoModel());
    repository.modelControl = own;
    const app = fastify();
    await app.register(kservePlugin, option ? { repository, modelControl: option } : { repository });
    const load = await app.inject({ method: "POST", url: "/v2/repository/models/echo/load" });
    assert.is(load.statusCode, expected);
    assert.equal(repository.calls, expected === 200 ? ["load echo"] : []);
    await app.close();
  }
});

test.run();
