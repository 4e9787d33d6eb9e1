/** The rate limiter with real models: what runs at the same time, what runs how often, and that all is answered. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code, type ServingError } from "../../src/inference/serving-error.js";
import { defaultEngines } from "../../src/model/default-engines.js";
import type { Model } from "../../src/model/embedded-model.js";
import type { EngineLoader } from "../../src/model/engine-loader.js";
import { load } from "../../src/model/load.js";
import { RateLimiter } from "../../src/scheduler/rate-limiter.js";
import { fixture } from "../support/fixtures.js";
import { randomNumbers } from "../support/random.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

interface Execution {
  readonly began: number;
  readonly ended: number;
  readonly model: string;
  readonly instance: number;
}

/** What engines execute, and which instances they were told to use. */
function recorder() {
  const executions: Execution[] = [];
  const told: string[] = [];
  const recording =
    (loader: EngineLoader): EngineLoader =>
    async (request) => {
      const engine = await loader(request);
      const model = request.modelName;
      const execute = engine.execute.bind(engine);
      engine.execute = (requests, instance) => {
        told.push(`${model} ${instance}`);
        execute(requests, instance);
      };
      let listener: typeof engine.onExecution;
      Object.defineProperty(engine, "onExecution", {
        set: (given: typeof listener) => {
          listener = given;
        },
        get:
          () =>
          (...[timings, error, instance]: Parameters<NonNullable<typeof listener>>) => {
            executions.push({ began: timings.computeStart, ended: timings.computeEnd, model, instance });
            listener?.(timings, error, instance);
          },
      });
      return engine;
    };
  const engines = Object.fromEntries(
    Object.entries(defaultEngines).map(([backend, loader]) => [backend, recording(loader)]),
  );
  return { engines, executions, told };
}

/** The most of them that ran at one moment. */
function mostAtOnce(executions: readonly { readonly began: number; readonly ended: number }[]): number {
  return Math.max(
    ...executions.map(
      ({ began }) => executions.filter((other) => other.began <= began && began < other.ended).length,
    ),
  );
}

const engineOf = {
  "tf-slow": ["tensorflow", "tensorflow_savedmodel"],
  "torch-slow": ["pytorch", "pytorch_libtorch"],
};

/** A model whose instances demand so much of the resource `execution`. */
function slow(
  name: string,
  source: keyof typeof engineOf,
  instances: string,
  limiter?: RateLimiter,
  engines = defaultEngines,
) {
  const [backend, platform] = engineOf[source];
  const [input, output] = source === "tf-slow" ? ["milliseconds", "elapsed"] : ["INPUT__0", "OUTPUT__0"];
  const tensor = (of: string) => `{ name: "${of}" data_type: TYPE_FP32 dims: 1 }`;
  const config = `
    backend: "${backend}" platform: "${platform}" max_batch_size: 1
    input ${tensor(input as string)} output ${tensor(output as string)}
    instance_group [ ${instances} ]`;
  return load(fixture(source), { name, config, engines, ...(limiter && { rateLimiter: limiter }) });
}

const demanding = (count: number, instances = 1, priority = 1) =>
  `{ kind: KIND_CPU count: ${instances} rate_limiter { priority: ${priority}
    resources { name: "execution" global: true count: ${count} } } }`;

/** A request that runs for some milliseconds, whichever model it is for. */
function infer(model: Model, milliseconds: number, options: { signal?: AbortSignal } = {}) {
  const { name } = model.metadata.inputs[0] as { name: string };
  return model.infer({ [name]: [[name === "milliseconds" ? milliseconds : milliseconds * 50]] }, options);
}

for (const [limit, limiter] of [
  [undefined, undefined],
  [1, new RateLimiter()],
  [1, new RateLimiter({ resources: [{ name: "execution", count: 1 }] })],
  [2, new RateLimiter({ resources: [{ name: "execution", count: 2 }] })],
] as const) {
  const named = limit === undefined ? "without a limiter more than two executions" : `at most ${limit}`;
  test(`${named} at once, over models and engines`, async () => {
    const { engines, executions } = recorder();
    const models = await Promise.all([
      slow("a", "tf-slow", demanding(1, 2), limiter, engines),
      slow("b", "tf-slow", demanding(1, 2), limiter, engines),
      slow("c", "torch-slow", demanding(1, 2), limiter, engines),
    ]);
    await Promise.all(models.flatMap((model) => Array.from({ length: 4 }, () => infer(model, 100))));
    assert.is(executions.length, 12);
    if (limit === undefined) assert.ok(mostAtOnce(executions) > 2);
    else assert.is(mostAtOnce(executions), limit);
    await Promise.all(models.map((model) => model.close()));
  });
}

test("turns are inverse to priorities, counted in executions", async () => {
  const { engines, executions } = recorder();
  const limiter = new RateLimiter();
  const models = await Promise.all(
    [1, 2].map((priority) => slow(`${priority}`, "tf-slow", demanding(1, 1, priority), limiter, engines)),
  );
  await Promise.all(models.flatMap((model) => Array.from({ length: 60 }, () => infer(model, 0))));
  const first = executions.sort((a, b) => a.began - b.began).slice(0, 60);
  const count = (name: string) => first.filter(({ model }) => model === name).length;
  assert.equal([count("1"), count("2")], [40, 20]);
  await Promise.all(models.map((model) => model.close()));
});

for (const source of ["tf-slow", "torch-slow"] as const) {
  test(`the instance that is granted is the one that runs: ${source}`, async () => {
    const { engines, executions, told } = recorder();
    const groups = [demanding(1, 1, 3), demanding(1, 1, 1), demanding(1, 1, 2)].join(", ");
    const model = await slow("m", source, groups, new RateLimiter(), engines);
    for (let i = 0; i < 11; i++) await infer(model, 0);
    const ran = executions.map(({ instance }) => instance);
    assert.equal(
      told,
      ran.map((instance) => `m ${instance}`),
    );
    const counts = [0, 1, 2].map((instance) => ran.filter((each) => each === instance).length);
    assert.equal(counts, [2, 6, 3]);
    await model.close();
  });
}

test("a batch is formed when its instance is granted", async () => {
  const limiter = new RateLimiter();
  const repository = new TemporaryRepository({
    m: {
      fixture: "tf-slow",
      files: { "config.pbtxt": `max_batch_size: 4 dynamic_batching { } instance_group [ ${demanding(1)} ]` },
    },
  });
  const batching = await load(`${repository.path}/m`, { rateLimiter: limiter });
  const holding = await slow("h", "tf-slow", demanding(1), limiter);
  const answers = [infer(holding, 100)];
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    answers.push(infer(batching, 0));
  }
  await Promise.all(answers);
  assert.is(batching.statistics.executionCount, 1);
  await Promise.all([batching.close(), holding.close()]);
  repository.remove();
});

test("all that was accepted is answered, whoever gives up and whichever model is closed", async () => {
  const next = randomNumbers(5);
  const { engines, executions } = recorder();
  const limiter = new RateLimiter({ resources: [{ name: "execution", count: 2 }] });
  const models = await Promise.all(
    ["a", "b", "c"].map((name) =>
      slow(name, "tf-slow", demanding(name === "c" ? 2 : 1, 2), limiter, engines),
    ),
  );
  const [closing, ...others] = models as [Model, ...Model[]];
  const outcomes: Promise<string>[] = [];
  const waiting: AbortController[] = [];
  const submit = (model: Model) => {
    const abort = new AbortController();
    const answer = infer(model, next() * 8, { signal: abort.signal });
    if (next() < 0.1) abort.abort();
    else if (next() < 0.3) waiting.push(abort);
    const answered = () => {
      waiting.splice(Math.floor(next() * waiting.length), 1)[0]?.abort();
      return "answered";
    };
    outcomes.push(answer.then(answered, ({ code }: ServingError) => Code[code]));
  };
  for (let i = 0; i < 40; i++) for (const model of models) submit(model);
  const closed = closing.close();
  for (let i = 0; i < 20; i++) for (const model of others) submit(model);
  await closed;
  const answers = await Promise.all(outcomes);
  assert.is(answers.length, 160);
  assert.equal([...new Set(answers)].sort(), ["CANCELLED", "answered"]);
  assert.is(executions.length, answers.filter((answer) => answer === "answered").length);
  for (const { began } of executions) {
    const busy = executions.filter((other) => other.began <= began && began < other.ended);
    assert.ok(busy.reduce((sum, { model }) => sum + (model === "c" ? 2 : 1), 0) <= 2);
  }
  await Promise.all(others.map((model) => infer(model, 0)));
  await Promise.all(others.map((model) => model.close()));
});

const intervals = `max_batch_size: 1 instance_group [ ${demanding(1, 2)} ]`;
const served = new TemporaryRepository({
  a: { fixture: "tf-interval", files: { "config.pbtxt": intervals } },
  b: { fixture: "tf-interval", files: { "config.pbtxt": intervals } },
});

/** When eight requests to two models of two instances each ran, by the models' own clock. */
async function servedIntervals(server: TestServer) {
  const input = { name: "milliseconds", datatype: "FP32", shape: [1, 1], data: [100] };
  const body = JSON.stringify({ inputs: [input] });
  const one = async (name: string) => {
    const response = await fetch(`${server.url}/v2/models/${name}/infer`, { method: "POST", body });
    const { outputs } = (await response.json()) as { outputs: { name: string; data: [number] }[] };
    const value = (of: string) => outputs.find((output) => output.name === of)?.data[0] as number;
    return { began: value("began"), ended: value("ended") };
  };
  return Promise.all([..."abababab"].map(one));
}

for (const [args, limit] of [
  [[], undefined],
  [["--rate-limit=execution_count"], 1],
  [["--rate-limit=execution_count", "--rate-limit-resource=execution:2"], 2],
] as const) {
  test(`\`serve ${args.join(" ")}\` runs ${limit ?? "more than two"} at once`, async () => {
    const server = await TestServer.start(served.path, [...args, "--log-verbose=1"]);
    const most = mostAtOnce(await servedIntervals(server));
    assert.is(await server.stop(), 0, server.log);
    if (limit === undefined) assert.ok(most > 2, `${most}`);
    else assert.is(most, limit);
    assert.is(server.log.includes("Max Resource Map===>"), limit !== undefined);
    if (limit !== undefined) assert.match(server.log, `Resource: execution\t Count: ${limit}`);
  });
}

test("a resource that is not there keeps a model from loading", async () => {
  const flags = ["--rate-limit=execution_count", "--rate-limit-resource=other:1"];
  const message = await TestServer.start(served.path, flags).then(
    () => "it started",
    (error: Error) => error.message,
  );
  assert.match(
    message,
    'Invalid argument: Resource count for "execution" is limited to 0 which will prevent scheduling of one or more model instances, the minimum required count is 1',
  );
});

test("resources without the limiter are told to have no effect", async () => {
  const server = await TestServer.start(served.path, ["--rate-limit-resource=other:1"]);
  await server.stop();
  assert.match(server.log, "--rate-limit-resource has no effect without --rate-limit=execution_count");
});

test.after(() => served.remove());
test.run();
