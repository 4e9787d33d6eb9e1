import fastify from "fastify";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { kservePlugin } from "../../src/server/kserve-plugin.js";
import { fastifyPlugin } from "../../src/server/on-demand.js";
import { echoModel, FakeRepository } from "./fake-repository.js";

const app = fastify();
app.post("/own", (request) => ({ got: request.body }));
app.get("/own", () => "own");
await app.register(kservePlugin, {
  repository: new FakeRepository(echoModel()),
  id: "mine",
  prefix: "/serving",
});

const payload = { inputs: [{ name: "INPUT0", datatype: "FP32", shape: [1], data: [1] }] };

test("answers behind a prefix", async () => {
  assert.is((await app.inject("/serving/v2")).json().name, "mine");
  const answer = await app.inject({ method: "POST", url: "/serving/v2/models/echo/infer", payload });
  assert.is(answer.statusCode, 200, answer.body);
  assert.equal(answer.json().outputs[0].data, [1]);
});

test("has its own errors, and leaves the application's alone", async () => {
  assert.is((await app.inject("/serving/v2/x")).body, '{"error":"Not Found"}');
  assert.is((await app.inject("/x")).json().message, "Route GET:/x not found");
});

test("leaves the application's routes and parsers alone", async () => {
  assert.is((await app.inject("/own")).body, "own");
  const answer = await app.inject({ method: "POST", url: "/own", payload: { a: 1 } });
  assert.equal(answer.json(), { got: { a: 1 } });
});

test("the application's hooks run for its requests", async () => {
  const guarded = fastify();
  guarded.addHook("preHandler", async (request, reply) => {
    if (request.headers.authorization === undefined) reply.code(401).send({ error: "who are you?" });
  });
  guarded.addHook("onSend", async (_request, reply) => {
    reply.header("x-app", "1");
  });
  await guarded.register(kservePlugin, { repository: new FakeRepository(echoModel()) });
  const url = "/v2/models/echo/infer";
  const stranger = await guarded.inject({ method: "POST", url, payload });
  assert.is(stranger.statusCode, 401);
  const headers = { authorization: "x" };
  const friend = await guarded.inject({ method: "POST", url, payload, headers });
  assert.is(friend.statusCode, 200, friend.body);
  assert.is(friend.headers["x-app"], "1");
});

test.after(() => app.close());
test("the plugin that the package exports puts its prefix in front once", async () => {
  const host = fastify();
  await host.register(fastifyPlugin, { repository: new FakeRepository(echoModel()), prefix: "/models" });
  const { statusCode } = await host.inject("/models/v2/health/live");
  assert.is(statusCode, 200);
  assert.is((await host.inject("/models/models/v2/health/live")).statusCode, 404);
  await host.close();
});

test.run();
