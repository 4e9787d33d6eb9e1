import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load, type Model, Repository, serve } from "../../src/index.js";
import { Code } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { rejection } from "../model/make-model.js";
import { assertTensors } from "../support/compare.js";
import { type FixtureCase, fixture, fixtureCases } from "../support/fixtures.js";
import { randomNumbers } from "../support/random.js";
import { TemporaryRepository } from "../support/repository.js";

// The cases of these fixtures are requests of different shapes. `frameworks.test.ts` makes them one after the other; here
// they are made at once.

const models = [
  "tf-ragged",
  "tf-graphdef-ragged",
  "tf-ragged-strings",
  "tf-ragged-reshaped",
  "torch-ragged",
  "torch-ragged-named",
  "torch-ragged-strings",
];

/** Scheduling, and into how many executions so many requests go that arrive together. */
const scheduling = {
  "merged by the engine": ["dynamic_batching { }", () => 1],
  "batched by the scheduler": ["dynamic_batching { max_queue_delay_microseconds: 20000 }", () => 1],
  "one by one": ["", (requests: number) => requests],
} as const;

async function check(model: Model, { inputs, outputs }: FixtureCase): Promise<void> {
  const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
  assertTensors(Object.values(answer), outputs);
}

for (const [how, [batching, executions]] of Object.entries(scheduling)) {
  const test = suite(`requests of different shapes, ${how}`);
  for (const name of models) {
    test(name, async () => {
      const written = readFileSync(join(fixture(name), "config.pbtxt"), "utf8");
      const config = written.replace("dynamic_batching { }", "") + batching;
      const files = { "config.pbtxt": config };
      const repository = new TemporaryRepository({ [name]: { fixture: name, files } });
      try {
        // Not completed, or dynamic batching would be.
        await using model = await load(join(repository.path, name), { autoComplete: false });
        const cases = fixtureCases(name);
        await Promise.all(cases.map((each) => check(model, each)));
        assert.is(model.statistics.executionCount, executions(cases.length));
      } finally {
        repository.remove();
      }
    });
  }
  test.run();
}

const alone = suite("a ragged model");

alone("answers the same request again and again, wherever its memory lies", async () => {
  await using model = await load(fixture("tf-ragged"));
  const [first] = fixtureCases("tf-ragged") as [FixtureCase];
  for (let i = 0; i < 8; i++) {
    const [x] = first.inputs as [Tensor];
    const copy = new Uint8Array(x.bytes.byteLength + i * 4).subarray(i * 4);
    copy.set(x.bytes);
    await check(model, { ...first, inputs: [new Tensor("x", "FP32", x.shape, copy)] });
  }
});

alone("does not show what is made of the batch, and does not take it from a client", async () => {
  await using model = await load(fixture("tf-ragged"));
  assert.equal(model.metadata.inputs, [{ name: "x", datatype: "FP32", shape: [-1, -1] }]);
  const { code, message } = await rejection(model.infer({ x: [[1]], bounds: new Int32Array(2) }));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.match(message, "unexpected inference input 'bounds' for model 'tf-ragged'");
});

alone("refuses a shape that cannot be counted, before others share a batch with it", async () => {
  await using model = await load(fixture("tf-batch-inputs-int32"));
  const good = model.infer({ x: [[[1, 2]]] });
  const x = { data: new Float32Array(0), shape: [1, 0, 2 ** 32] };
  const { code, message } = await rejection(model.infer({ x }));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.match(message, "may not multiply to more than 2147483647, got [1,0,4294967296]");
  assert.equal((await good).elements?.data, Int32Array.of(2));
});

alone("keeps apart what many clients send at once", async () => {
  await using model = await load(fixture("tf-ragged-reshaped"));
  const random = randomNumbers(7);
  const below = (limit: number) => Math.floor(random() * limit);
  const shapes = Array.from({ length: 200 }, () => [1 + below(3), below(4), 4, below(5)]);
  const answers = await Promise.all(
    shapes.map(async (shape, index) => {
      const count = shape.reduce((product, dim) => product * dim, 1);
      const data = BigInt64Array.from({ length: count }, (_, i) => BigInt(1000 * index + i));
      const y = (await model.infer({ x: { data, shape } })).y as Tensor;
      return [y.shape, (y.data as BigInt64Array).every((value, i) => value === -(data[i] as bigint))];
    }),
  );
  assert.equal(
    answers,
    shapes.map((shape) => [shape, true]),
  );
  assert.ok(model.statistics.executionCount < 200);
});

alone("that gives too few elements fails the requests that want them, and lives on", async () => {
  await using model = await load(fixture("tf-ragged-short"));
  const outcomes = [[1, 2, 3], [4]].map((values) =>
    rejection(model.infer({ x: [values] }, { outputs: ["y"] })),
  );
  for (const { code, message } of await Promise.all(outcomes)) {
    assert.is(code, Code.INTERNAL);
    assert.is(
      message,
      "failed to split the output tensor 'y' in responses: " +
        "the shapes of input 'x' call for 4 elements, the model gave 3",
    );
  }
  const { count } = await model.infer({ x: [[1, 2, 3]] }, { outputs: ["count"] });
  assert.equal(count?.data, Int32Array.of(3));
});

alone("with an output that has fewer rows than the batch fails its requests", async () => {
  await using model = await load(fixture("tf-ragged-short"));
  const outcomes = [[1, 2], [4]].map((values) =>
    rejection(model.infer({ x: [values] }, { outputs: ["count"] })),
  );
  for (const { code, message } of await Promise.all(outcomes)) {
    assert.is(code, Code.UNIMPLEMENTED);
    assert.match(message, "failed to split the output tensor 'count' in responses");
  }
});

alone.run();

const served = suite("a ragged model on the network");

interface Answer {
  readonly outputs: readonly { readonly name: string; readonly shape: number[]; readonly data: number[] }[];
}

served("answers clients whose requests share a batch, each with its own part", async () => {
  const repository = new Repository(dirname(fixture("tf-ragged")), { models: ["tf-ragged"] });
  assert.equal(await repository.load(), []);
  const server = await serve(repository, { httpAddress: "127.0.0.1", httpPort: 0, allowMetrics: false });
  try {
    const url = `http://127.0.0.1:${server.httpPort}/v2/models/tf-ragged`;
    const metadata = (await (await fetch(url)).json()) as { inputs: unknown };
    assert.equal(metadata.inputs, [{ name: "x", datatype: "FP32", shape: [-1, -1] }]);
    const config = (await (await fetch(`${url}/config`)).json()) as {
      batch_input: { target_name: unknown }[];
    };
    assert.equal(config.batch_input[0]?.target_name, ["bounds"]);

    const x = (data: readonly number[]) => ({ name: "x", datatype: "FP32", shape: [1, data.length], data });
    const infer = (...inputs: unknown[]) =>
      fetch(`${url}/infer`, { method: "POST", body: JSON.stringify({ inputs }) });
    const answers = await Promise.all(
      [[1, 2, 3], [], [4]].map(async (data) => {
        const { outputs } = (await (await infer(x(data))).json()) as Answer;
        return outputs.map(({ name, shape, data }) => `${name} [${shape}]: ${data}`);
      }),
    );
    assert.equal(answers, [
      ["sum [1,1]: 6", "doubled [1,3]: 2,4,6"],
      ["sum [1,1]: 0", "doubled [1,0]: "],
      ["sum [1,1]: 4", "doubled [1,1]: 8"],
    ]);
    const refused = await infer(x([1]), { name: "bounds", datatype: "INT32", shape: [1, 2], data: [0, 1] });
    assert.is(refused.status, 400);
    assert.match(await refused.text(), "expected 1 inputs but got 2 inputs for model 'tf-ragged'");
  } finally {
    await server.close();
  }
});

served.run();
