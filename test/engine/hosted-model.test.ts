import { readdirSync, readlinkSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, Repository, type ServingError, Tensor } from "../../src/index.js";
import { hostProcesses, isHost, isolatedConfig, loadIsolated, until } from "../support/isolated-model.js";
import { TemporaryRepository } from "../support/repository.js";

const test = suite("a model in a process of its own");

const failure = (promise: Promise<unknown>): Promise<ServingError> =>
  promise.then(
    () => assert.unreachable("expected an error"),
    (error) => error,
  ) as Promise<ServingError>;

const milliseconds = (value: number) => ({
  milliseconds: new Tensor("milliseconds", "FP32", [1, 1], bytes(value)),
});
const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** Descriptors of this process that are sockets or shared memory. */
function sharedDescriptors(): number {
  const targets = readdirSync("/proc/self/fd").map((entry) => {
    try {
      return readlinkSync(`/proc/self/fd/${entry}`);
    } catch {
      return "";
    }
  });
  return targets.filter((target) => /^socket:|memfd:tandem/.test(target)).length;
}

test("runs in it, and it ends with the model", async () => {
  const before = sharedDescriptors();
  const model = await loadIsolated("tf-add");
  const [host] = hostProcesses();
  assert.ok(host !== undefined);
  assert.not.ok(sharedDescriptors() === before, "it shares memory and sockets");
  await model.close();
  assert.not.ok(isHost(host as number));
  assert.is(sharedDescriptors(), before);
});

test("outputs of every size come back, and stay as they are while others are made", async () => {
  await using model = await loadIsolated("torch-passthrough");
  const sizes = [1, 5_000, 3_000_000, 20, 1_000_000, 0];
  const answers = [];
  for (const size of sizes) {
    const x = new Float32Array(size).fill(size);
    answers.push(await model.infer({ INPUT__0: new Tensor("INPUT__0", "FP32", [1, size], bytesOf(x)) }));
  }
  for (const [index, answer] of answers.entries()) {
    for (const name of ["OUTPUT__0", "OUTPUT__1"]) {
      const data = (answer[name] as Tensor).data as Float32Array;
      assert.is(data.length, sizes[index]);
      assert.ok(data.every((value) => value === sizes[index]));
    }
  }
});

const bytesOf = (array: Float32Array) => new Uint8Array(array.buffer);

test("requests are put together to batches, as anywhere", async () => {
  await using model = await loadIsolated("tf-slow");
  const answers = Array.from({ length: 8 }, () => model.infer(milliseconds(5)));
  await Promise.all(answers);
  assert.ok([...model.statistics.batches.keys()].some((rows) => rows > 1));
});

test("an error of the model is the request's, as anywhere, and harms nothing", async () => {
  await using model = await loadIsolated("torch-raises");
  const [host] = hostProcesses();
  const input = { INPUT__0: new Tensor("INPUT__0", "FP32", [1, 2], bytes(-1, -1)) };
  const error = await failure(model.infer(input));
  assert.is(error.code, Code.INTERNAL);
  assert.match(error.message, "PyTorch execute failure: ");
  assert.equal(hostProcesses(), [host]);
});

test("a model that cannot be loaded fails with the engine's message, and leaves no process", async () => {
  const error = await failure(loadIsolated("tf-truncated"));
  assert.match(error.message, "tf-truncated");
  assert.not.match(error.message, "process");
  assert.equal(hostProcesses(), []);
});

test("what was under way when it ended fails with the reason; what comes then waits for another", async () => {
  await using model = await loadIsolated("tf-slow");
  const [host] = hostProcesses();
  const under_way = failure(model.infer(milliseconds(5000)));
  await until("it runs", () => model.statistics.countPending() === 0);
  await new Promise((resolve) => setTimeout(resolve, 100));
  process.kill(host as number, "SIGKILL");
  const error = await under_way;
  assert.is(error.code, Code.INTERNAL);
  assert.match(
    error.message,
    "the host process of model 'tf-slow' version 1 ended while it executed this batch",
  );
  const { elapsed } = await model.infer(milliseconds(1));
  assert.equal(elapsed?.shape, [1, 1]);
  assert.equal(hostProcesses().includes(host as number), false);
  assert.is(hostProcesses().length, 1);
});

test("what is queued while there is none can be cancelled", async () => {
  await using model = await loadIsolated("tf-slow");
  const abort = new AbortController();
  process.kill(hostProcesses()[0] as number, "SIGKILL");
  await until("it has ended", () => hostProcesses().length === 0);
  const waiting = failure(model.infer(milliseconds(1), { signal: abort.signal }));
  abort.abort();
  assert.is((await waiting).code, Code.CANCELLED);
});

test("closing a model that nobody asks does not wait for another one, and ends it where it is being started", async () => {
  for (const moment of ["before", "during"]) {
    const model = await loadIsolated("tf-slow");
    const [first] = hostProcesses();
    process.kill(first as number, "SIGKILL");
    await until("it has ended", () => !isHost(first as number));
    if (moment === "during") await until("another one is started", () => hostProcesses().length === 1);
    await model.close();
    assert.equal(hostProcesses(), []);
  }
});

test("an execution that takes too long ends it, and the next request finds another one", async () => {
  await using model = await loadIsolated("tf-slow", { EXECUTION_TIMEOUT_SECONDS: "0.5" });
  const [host] = hostProcesses();
  const error = await failure(model.infer(milliseconds(20_000)));
  assert.is(error.code, Code.DEADLINE_EXCEEDED);
  assert.match(error.message, "took longer than the 500 ms that an execution may take");
  await model.infer(milliseconds(1));
  assert.not.ok(isHost(host as number));
});

test("a model whose process ends too often is given up, with the reason in the index", async () => {
  const files = { "config.pbtxt": isolatedConfig("tf-slow", { HOST_RESTARTS: "1" }) };
  const temporary = new TemporaryRepository({ "tf-slow": { fixture: "tf-slow", files } });
  const repository = new Repository(temporary.path, { logger: { info() {}, warn() {}, error() {} } });
  try {
    assert.equal(await repository.load(), []);
    for (const _ of [1, 2]) {
      await until("there is one", () => hostProcesses().length === 1);
      const model = repository.model("tf-slow");
      const [input] = Object.values(milliseconds(1));
      await model.infer({ id: "", inputs: [input as Tensor] });
      process.kill(hostProcesses()[0] as number, "SIGKILL");
      await until("it has ended", () => hostProcesses().length === 0);
    }
    await until("it is given up", () => repository.index()[0]?.state === "UNAVAILABLE");
    assert.match(repository.index()[0]?.reason ?? "", "its process ended by SIGKILL");
    assert.throws(() => repository.model("tf-slow", 1), /is not at ready state/);
    assert.not.ok(repository.allReady());
    await repository.loadModel("tf-slow");
    assert.ok(repository.allReady());
  } finally {
    await repository.close();
    temporary.remove();
  }
  assert.equal(hostProcesses(), []);
});

test("ISOLATION is process or none", async () => {
  const error = await failure(loadIsolated("tf-add", { ISOLATION: "thread" }));
  assert.is(error.message, "parameter 'ISOLATION' must be process or none for model 'tf-add', got 'thread'");
  await using model = await loadIsolated("tf-add", { ISOLATION: "none" });
  assert.equal(hostProcesses(), []);
  assert.ok(model.config.parameters.ISOLATION);
});

test.after(() => assert.equal(hostProcesses(), []));
test.run();
