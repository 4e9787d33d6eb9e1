/** Models under a rate limiter: what they accepted is answered, and what they took they give back. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { load } from "../../src/model/load.js";
import { Repository } from "../../src/model/repository.js";
import { RateLimiter } from "../../src/scheduler/rate-limiter.js";
import { type FakeEngineOptions, fakeLoader } from "../support/fake-engine.js";
import { doubleConfig } from "../support/model-config.js";
import { ModelFiles } from "../support/model-files.js";
import { fp32, makeModel, rejection, request } from "./make-model.js";

const test = suite<{ files: ModelFiles }>("rate limiting");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

const resource = (name: string, count = 1) =>
  `rate_limiter { resources { name: "${name}" global: true count: ${count} } }`;
const group = (text: string, count = 1) => `instance_group { kind: KIND_CPU count: ${count} ${text} }`;

/** Two models of one instance each, of which one may run at a time. */
function two(batching = "", options: FakeEngineOptions = {}) {
  const limiter = new RateLimiter();
  const config = doubleConfig + group(resource("r")) + batching;
  const make = () => makeModel(config, { manual: true, ...options }, limiter);
  return { a: make(), b: make() };
}

const infer = ({ model }: ReturnType<typeof makeModel>, signal?: AbortSignal) =>
  model.infer(request([fp32("x", [1, 2])], signal && { signal }));

/** By then schedulers have looked at what arrived. */
const endOfEvent = () => new Promise<void>((resolve) => setImmediate(resolve));

const running = (...models: ReturnType<typeof makeModel>[]) => models.map(({ engine }) => engine.busy.length);

test("a model waits until another gives back what it needs", async () => {
  const { a, b } = two();
  const answers = [infer(a), infer(b)];
  await endOfEvent();
  assert.equal(running(a, b), [1, 0]);
  assert.is(b.model.statistics.pendingCount, 1);
  a.engine.finish();
  assert.equal(running(a, b), [0, 1]);
  assert.is(b.model.statistics.pendingCount, 0);
  b.engine.finish();
  await Promise.all(answers);
});

test("without dynamic batching each request is executed by itself, with it the batch grows while it waits", async () => {
  for (const [batching, sizes] of [
    ["", [1, 1, 1]],
    ["dynamic_batching { }", [3]],
    ["dynamic_batching { preserve_ordering: true }", [3]],
  ] as const) {
    const { a, b } = two(batching);
    const answers = [infer(a)];
    await endOfEvent();
    for (let i = 0; i < 3; i++) {
      answers.push(infer(b));
      await endOfEvent();
    }
    a.engine.finish();
    while (b.engine.busy.length > 0) b.engine.finish();
    await Promise.all(answers);
    assert.equal(
      b.engine.executions.map((batch) => batch.length),
      sizes,
    );
  }
});

test("the instance that was granted is the one that runs", async () => {
  const groups = `instance_group [
    { kind: KIND_CPU count: 1 ${resource("r")} }, { kind: KIND_CPU count: 1 ${resource("s")} }
  ]`;
  const limiter = new RateLimiter();
  const holder = makeModel(doubleConfig + group(resource("r")), { manual: true }, limiter);
  const other = makeModel(doubleConfig + groups, { manual: true, instanceCount: 2 }, limiter);
  const ran: number[] = [];
  for (let i = 0; i < 4; i++) {
    const answer = infer(other);
    await endOfEvent();
    ran.push(...other.engine.busy);
    other.engine.finish();
    await answer;
  }
  assert.equal(ran, [0, 1, 0, 1]);
  assert.equal(running(holder), [0]);
});

test("an execution that fails gives back what it took", async () => {
  const { a, b } = two();
  a.engine.error = new ServingError(Code.INTERNAL, "out of luck");
  const failing = rejection(infer(a));
  const answer = infer(b);
  await endOfEvent();
  a.engine.finish();
  assert.is((await failing).message, "out of luck");
  b.engine.finish();
  await answer;
});

test("a batch that the engine refuses gives back what it took", async () => {
  const { a, b } = two();
  a.engine.execute = (requests) => {
    for (const each of requests) each.settle(new ServingError(Code.UNAVAILABLE, "closed"), [], undefined);
  };
  const refused = [rejection(infer(a)), rejection(infer(a))];
  const answer = infer(b);
  await endOfEvent();
  assert.equal(running(a, b), [0, 1]);
  b.engine.finish();
  await answer;
  for (const { message } of await Promise.all(refused)) assert.is(message, "closed");
});

test("a request that gives up while its model waits holds nobody up", async () => {
  const { a, b } = two();
  const abort = new AbortController();
  const answers = [infer(a)];
  await endOfEvent();
  const given = rejection(infer(b, abort.signal));
  await endOfEvent();
  abort.abort();
  assert.is((await given).code, Code.CANCELLED);
  a.engine.finish();
  await endOfEvent();
  answers.push(infer(a));
  await endOfEvent();
  assert.equal(running(a, b), [1, 0]);
  a.engine.finish();
  await Promise.all(answers);
  assert.is(b.engine.executions.length, 0);
});

test("closing waits for its turn to answer what was accepted, then leaves what it took to others", async () => {
  const { a, b } = two();
  const answers = [infer(a), infer(b), infer(b)];
  await endOfEvent();
  const closed = b.model.close();
  const late = await rejection(infer(b));
  assert.is(late.code, Code.UNAVAILABLE);
  a.engine.finish();
  assert.equal([running(a, b), b.engine.closed], [[0, 1], false]);
  b.engine.finish();
  b.engine.finish();
  await closed;
  await Promise.all(answers);
  assert.is(b.engine.closed, true);
  const answer = infer(a);
  await endOfEvent();
  a.engine.finish();
  await answer;
});

test("what a closed model alone demanded is not there any more", async () => {
  const limiter = new RateLimiter();
  const make = (text: string, instanceCount: number) =>
    makeModel(doubleConfig + text, { manual: true, instanceCount }, limiter);
  const small = make(group(resource("r"), 3), 3);
  const large = make(group(resource("r", 2)), 1);
  const answers = Array.from({ length: 3 }, () => infer(small));
  await endOfEvent();
  assert.equal(running(small), [2]);
  await large.model.close();
  small.engine.finish();
  assert.equal(running(small), [1]);
  small.engine.finish();
  assert.equal(running(small), [1]);
  small.engine.finish();
  await Promise.all(answers);
});

test("models loaded with the same limiter share it, those of a repository too", async ({ files }) => {
  const config = doubleConfig + group(resource("r"));
  for (const name of ["alone", "repository/a", "repository/b"]) {
    files.add(`${name}/config.pbtxt`, config.replace('name: "double"', ""));
    files.add(`${name}/1/model.graphdef`);
  }
  const loader = fakeLoader({ manual: true });
  const options = { engines: { tensorflow: loader }, rateLimiter: new RateLimiter() };
  const alone = await load(files.at("alone"), options);
  const repository = new Repository(files.at("repository"), options);
  assert.equal(await repository.load(), []);
  const answers = [alone.infer({ x: [1, 2] })];
  for (const name of ["a", "b"]) {
    answers.push(repository.model(name).infer(request([fp32("x", [1, 2])])) as never);
  }
  const engines = [...loader.engines.values()];
  for (let i = 0; i < 3; i++) {
    await endOfEvent();
    const busy = engines.filter((engine) => engine.busy.length > 0);
    assert.is(busy.length, 1);
    busy[0]?.finish();
  }
  await Promise.all([...answers, alone.close(), repository.close()]);
});

test("a model that could never run does not load, and the log tells what there is", async ({ files }) => {
  for (const [name, count] of [
    ["fits", 1],
    ["large", 3],
  ] as const) {
    const config = doubleConfig.replace('name: "double"', "") + group(resource("r", count));
    files.add(`${name}/config.pbtxt`, config);
    files.add(`${name}/1/model.graphdef`);
  }
  const lines: string[] = [];
  const nowhere = () => {};
  const loader = fakeLoader();
  const repository = new Repository(files.path, {
    engines: { tensorflow: loader },
    logger: { info: nowhere, warn: nowhere, error: nowhere, debug: (line) => lines.push(line) },
    rateLimiter: new RateLimiter({ resources: [{ name: "r", count: 2 }] }),
  });
  assert.equal(await repository.load(), [
    {
      name: "large",
      reason:
        'version 1 is at UNAVAILABLE state: Invalid argument: Resource count for "r" is limited to 2 which will prevent scheduling of one or more model instances, the minimum required count is 3;',
    },
  ]);
  assert.is(loader.engines.get("large/1")?.closed, true);
  assert.equal(lines, ["Max Resource Map===>", "\tDevice: GLOBAL", "\t\tResource: r\t Count: 2"]);
});

test("without a limiter what instances demand is not looked at", async () => {
  const models = [1, 2].map(() => makeModel(doubleConfig + group(resource("r")), { manual: true }));
  const answers = models.map((made) => infer(made));
  assert.equal(running(...models), [1, 1]);
  for (const { engine } of models) engine.finish();
  await Promise.all(answers);
});

test.run();
