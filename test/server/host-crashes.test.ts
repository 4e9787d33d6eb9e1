import { readdirSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hostProcesses, isHost, isolatedConfig, until } from "../support/isolated-model.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

interface Context {
  repository: TemporaryRepository;
  server: TestServer;
}

const test = suite<Context>("a server whose models' processes are killed");
test.before.each(async (context) => {
  const parameters = { HOST_RESTARTS: "1000" };
  context.repository = new TemporaryRepository({
    "tf-add": { fixture: "tf-add", files: { "config.pbtxt": isolatedConfig("tf-add", parameters) } },
    "torch-add": { fixture: "torch-add", files: { "config.pbtxt": isolatedConfig("torch-add", parameters) } },
  });
  context.server = await TestServer.start(context.repository.path);
});
test.after.each(async ({ repository, server }) => {
  await server.stop();
  repository.remove();
});

/** Sends one request after the other until told to stop; gives the answers' codes, in number. */
async function load(server: TestServer, model: string, goesOn: () => boolean) {
  const { inputs } = (await (await fetch(`${server.url}/v2/models/${model}`)).json()) as {
    inputs: { name: string; shape: number[]; datatype: string }[];
  };
  const body = JSON.stringify({
    inputs: inputs.map(({ name, shape, datatype }) => {
      const known = shape.map((dim) => (dim < 0 ? 1 : dim));
      const count = known.reduce((a, b) => a * b, 1);
      return { name, datatype, shape: known, data: new Array(count).fill(1) };
    }),
  });
  const answers = new Map<number, number>();
  while (goesOn()) {
    const reply = await fetch(`${server.url}/v2/models/${model}/infer`, { method: "POST", body });
    const told = (await reply.json()) as { error?: string; outputs?: { data: number[] }[] };
    if (reply.status === 200) assert.is(told.outputs?.[0]?.data[0], 2);
    else assert.match(told.error ?? "", "host process");
    answers.set(reply.status, (answers.get(reply.status) ?? 0) + 1);
  }
  return answers;
}

test("every request is answered, and the models serve on", async ({ server }) => {
  let ended = false;
  const clients = [0, 1, 2, 3, 4, 5, 6, 7].map((i) =>
    load(server, i % 2 === 0 ? "tf-add" : "torch-add", () => !ended),
  );
  for (let kills = 0; kills < 6; kills++) {
    await until("both run", () => hostProcesses(server.pid).length === 2);
    await new Promise((resolve) => setTimeout(resolve, 150));
    for (const host of hostProcesses(server.pid)) process.kill(host, "SIGKILL");
    await until("they have ended", () => hostProcesses(server.pid).length < 2);
  }
  ended = true;
  const answers = await Promise.all(clients);
  for (const answer of answers) {
    assert.ok((answer.get(200) ?? 0) > 0);
    assert.equal(
      [...answer.keys()].filter((status) => status !== 200 && status !== 500),
      [],
    );
  }
  const ready = await fetch(`${server.url}/v2/health/ready`);
  assert.is(ready.status, 200);
});

test("the server's own end, however violent, ends them", async ({ server }) => {
  const hosts = hostProcesses(server.pid);
  assert.is(hosts.length, 2);
  const clients = Promise.allSettled(["tf-add", "torch-add"].map((model) => load(server, model, () => true)));
  await new Promise((resolve) => setTimeout(resolve, 200));
  await server.stop("SIGKILL");
  assert.is((await clients).filter(({ status }) => status === "rejected").length, 2);
  await until("they have ended", () => !hosts.some(isHost));
  assert.equal(
    readdirSync("/dev/shm").filter((name) => name.includes("tandem")),
    [],
  );
});

test("an orderly end of the server leaves none", async ({ server }) => {
  const hosts = hostProcesses(server.pid);
  assert.is(await server.stop(), 0);
  assert.not.ok(hosts.some(isHost));
});

test.run();
