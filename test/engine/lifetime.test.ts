import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ServingError } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { Repository } from "../../src/model/repository.js";
import { fixture, fixtureCases } from "../support/fixtures.js";

const program = fileURLToPath(new URL("lifetime-program.ts", import.meta.url));
const models = ["tf-tiny", "torch-slow"];

function run(scenario: string, model: string) {
  fixture(model); // made here once, not by every child
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    ["--expose-gc", "--import", "tsx", program, scenario, model],
    { encoding: "utf8", timeout: 120_000 },
  );
  return { status, signal, stdout, stderr };
}

for (const model of models) {
  test(`process.exit() with ${model} running keeps its exit code`, () => {
    const { status, signal, stderr } = run("exit", model);
    assert.equal({ status, signal }, { status: 7, signal: null }, stderr);
  });
  test(`a program that ends with ${model} open ends well`, () => {
    const { status, stderr } = run("end", model);
    assert.is(status, 0, stderr);
  });
  test(`an uncaught exception with ${model} running is reported as one`, () => {
    const { status, stderr } = run("throw", model);
    assert.is(status, 1);
    assert.match(stderr, "of the program");
  });
  test(`an answer of ${model} that is awaited keeps the process alive`, () => {
    const { status, stdout, stderr } = run("await", model);
    assert.equal({ status, stdout }, { status: 0, stdout: "fulfilled fulfilled fulfilled" }, stderr);
  });
  test(`workers with ${model} running can be terminated, or end by themselves`, () => {
    const { status, signal, stderr } = run("workers", model);
    assert.equal({ status, signal }, { status: 0, signal: null }, stderr);
  });
}

test("models that are dropped without close() are freed", () => {
  const { status, signal, stderr } = run("collect", "torch-tiny");
  assert.equal({ status, signal }, { status: 0, signal: null }, stderr);
});

test("both engines run in one process at the same time", async () => {
  const names = ["tf-tiny", "torch-tiny"];
  const outcomes = await Promise.all(
    names.map(async (name) => {
      const repository = await opened(name);
      const [first] = fixtureCases(name);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => repository.model(name).infer({ id: "", inputs: first!.inputs })),
      );
      await repository.close();
      return answers.length;
    }),
  );
  assert.equal(outcomes, [50, 50]);
});

test("close() answers what runs and refuses what comes later", async () => {
  const repository = await opened("torch-slow");
  const model = repository.model("torch-slow");
  const inputs = fixtureCases("torch-slow")[0]!.inputs;
  const running = model.infer({ id: "", inputs });
  const closing = repository.close();
  await assert.not.throws(() => running);
  assert.is((await running).modelName, "torch-slow");
  await closing;
  const refused = await model.infer({ id: "", inputs }).catch((error) => error);
  assert.instance(refused, ServingError);
});

test("an output keeps its memory when the model is gone", async () => {
  const repository = await opened("torch-passthrough");
  const values = Float32Array.from({ length: 100_000 }, (_, i) => i);
  const input = new Tensor("INPUT__0", "FP32", [1, values.length], new Uint8Array(values.buffer));
  const { outputs } = await repository.model("torch-passthrough").infer({ id: "", inputs: [input] });
  await repository.close();
  globalThis.gc?.();
  values.fill(-1); // the answer is not a view of what was sent
  assert.equal((outputs[0]!.data as Float32Array).slice(99_998), Float32Array.of(99_998, 99_999));
});

test("a model that keeps its input is not changed by what the caller writes there later", async () => {
  const repository = await opened("tf-keeps-input");
  const model = repository.model("tf-keeps-input");
  const memory = new ArrayBuffer(4096);
  const wrong: string[] = [];
  for (let offset = 0; offset < 64; offset += 4) {
    // One of these offsets is at the boundary at which memory is lent.
    const values = new Float32Array(memory, offset, 16);
    const input = new Tensor("x", "FP32", [16], new Uint8Array(memory, offset, 64));
    for (let call = 1; call <= 8; call++) {
      values.fill(call);
      const { outputs } = await model.infer({ id: "", inputs: [input] });
      const [before] = outputs[0]!.data as Float32Array;
      if (call > 1 && before !== call - 1) wrong.push(`offset ${offset}, call ${call}: ${before}`);
      values.fill(-1);
    }
  }
  assert.equal(wrong, []);
  await repository.close();
});

async function opened(name: string): Promise<Repository> {
  const repository = new Repository(dirname(fixture(name)), { models: [name] });
  const failures = await repository.load();
  assert.equal(failures, []);
  return repository;
}

test.run();
