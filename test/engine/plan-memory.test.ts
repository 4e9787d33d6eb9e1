import { test } from "uvu";
import * as assert from "uvu/assert";
import { PlanMemory } from "../../src/engine/plan-memory.js";
import type { NativePlace } from "../../src/engine/tensorflow-addon.js";

const plan = (name: "plain" | "caller-thread" | "frozen") => ({
  name,
  config: new Uint8Array(),
  runOptions: new Uint8Array(),
  frozen: name === "frozen",
  threads: false,
});
const place: NativePlace = {
  plans: [plan("plain"), plan("caller-thread"), plan("frozen")],
  fallback: 1,
  freezingConfig: new Uint8Array(),
  rows: [1],
  sampleShapes: [],
  threadsGain: 1.1,
  runsSamples: true,
  device: "",
  clearsDevices: true,
};
const report = (name: string) => ({
  plan: name,
  skipped: "",
  rows: [1],
  timings: [{ plan: name, refused: "", micros: [1] }],
});
const names = ({ plans }: NativePlace) => plans.map(({ name }) => name);

test("what was chosen once needs no measuring again", () => {
  const memory = new PlanMemory();
  assert.is(memory.recall("a", place), place);
  memory.keep("a", report("caller-thread"));
  assert.equal(names(memory.recall("a", place)), ["caller-thread"]);
  assert.is(memory.recall("a", place).fallback, 0);
  assert.is(memory.recall("b", place), place);
  memory.keep(undefined, report("caller-thread"));
  assert.is(memory.recall(undefined, place), place);
});

test("a frozen graph is still compared with the model it is made from", () => {
  const memory = new PlanMemory();
  memory.keep("a", report("frozen"));
  assert.equal(names(memory.recall("a", place)), ["plain", "frozen"]);
});

test("what was not measured is not remembered, nor a plan that is not there", () => {
  const memory = new PlanMemory();
  memory.keep("a", { ...report("caller-thread"), timings: [] });
  assert.is(memory.recall("a", place), place);
  memory.keep("a", report("single-threaded"));
  assert.is(memory.recall("a", place), place);
});

test("the oldest choices are forgotten", () => {
  const memory = new PlanMemory();
  for (let i = 0; i <= 1000; i++) memory.keep(String(i), report("caller-thread"));
  assert.is(memory.recall("0", place), place);
  assert.equal(names(memory.recall("1", place)), ["caller-thread"]);
});

test.run();
