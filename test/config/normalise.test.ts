import { test } from "uvu";
import * as assert from "uvu/assert";
import { normalise } from "../../src/config/normalise.js";
import { configOf } from "./example-config.js";

const normalised = (text: string, gpus: readonly number[] = []) => normalise(configOf(text), gpus);
const groups = (text: string, gpus: readonly number[] = []) =>
  normalised(text, gpus).instanceGroup.map(({ name, kind, count, gpus }) => ({ name, kind, count, gpus }));

test("the latest version is served unless the policy says otherwise", () => {
  assert.equal(normalised("").versionPolicy?.latest, { numVersions: 1 });
  assert.is(normalised("version_policy { all {} }").versionPolicy?.latest, undefined);
});

test("dynamic batching prefers full batches unless it says otherwise", () => {
  const preferred = (text: string) => normalised(text).dynamicBatching?.preferredBatchSize;
  assert.equal(preferred("max_batch_size: 8 dynamic_batching {}"), [8]);
  assert.equal(preferred("max_batch_size: 8 dynamic_batching { preferred_batch_size: 4 }"), [4]);
  assert.equal(preferred("dynamic_batching {}"), []);
  assert.is(preferred("max_batch_size: 8"), undefined);
});

test("a sequence may idle for a second, and oldest prefers full batches", () => {
  const sequence = normalised("max_batch_size: 8 sequence_batching { oldest {} }").sequenceBatching;
  assert.is(sequence?.maxSequenceIdleMicroseconds, 1_000_000);
  assert.equal(sequence?.oldest?.preferredBatchSize, [8]);
});

test("pinned memory is on unless it is switched off", () => {
  assert.equal(normalised("").optimization?.inputPinnedMemory, { enable: true });
  const off = normalised(
    "optimization { graph { level: 1 } output_pinned_memory { enable: false } }",
  ).optimization;
  assert.equal(off?.outputPinnedMemory, { enable: false });
  assert.equal(off?.inputPinnedMemory, { enable: true });
  assert.equal(off?.graph, { level: 1 });
});

test("an ensemble has neither instances nor pinned memory", () => {
  const ensemble = normalised('platform: "ensemble" ensemble_scheduling {}');
  assert.is(ensemble.optimization, undefined);
  assert.equal(ensemble.instanceGroup, []);
});

test("without instance groups there is one, named like the model", () => {
  assert.equal(groups('name: "net"'), [{ name: "net", kind: "KIND_CPU", count: 1, gpus: [] }]);
  assert.equal(groups('name: "net"', [0, 1]), [{ name: "net", kind: "KIND_GPU", count: 1, gpus: [0, 1] }]);
});

test("groups without names are numbered", () => {
  const names = groups('name: "net" instance_group [ {}, { name: "mine" }, {} ]').map(({ name }) => name);
  assert.equal(names, ["net_0", "mine", "net_2"]);
});

test("a group of no stated kind is on GPUs if all it lists are there", () => {
  const kind = (text: string, gpus: number[]) => groups(`instance_group { ${text} }`, gpus)[0]?.kind;
  assert.is(kind("", [0]), "KIND_GPU");
  assert.is(kind("gpus: 0", [0, 1]), "KIND_GPU");
  assert.is(kind("gpus: [0, 7]", [0, 1]), "KIND_CPU");
  assert.is(kind("", []), "KIND_CPU");
});

test("a GPU group that lists none is on all of them; the model's own placement lists none", () => {
  assert.equal(groups("instance_group { kind: KIND_GPU }", [0, 3])[0]?.gpus, [0, 3]);
  assert.equal(groups("instance_group { kind: KIND_GPU gpus: 3 }", [0, 3])[0]?.gpus, [3]);
  assert.equal(groups("instance_group { kind: KIND_MODEL }", [0, 3])[0]?.gpus, []);
});

test("there is one instance, but two of a TensorFlow model on the CPU", () => {
  const count = (text: string, gpus: number[] = []) => groups(text, gpus)[0]?.count;
  assert.is(count('backend: "pytorch"'), 1);
  assert.is(count('backend: "tensorflow"'), 2);
  assert.is(count('backend: "tensorflow"', [0]), 1);
  assert.is(count('backend: "tensorflow" instance_group { count: 0 kind: KIND_CPU }'), 2);
  assert.is(count('backend: "tensorflow" instance_group { count: 1 kind: KIND_CPU }'), 1);
  assert.is(count('backend: "pytorch" instance_group { count: -1 }'), 1);
});

test("doing it twice changes nothing", () => {
  const once = normalised("max_batch_size: 8 dynamic_batching {} instance_group [ {}, { count: 3 } ]", [0]);
  assert.equal(normalise(once, [0]), once);
});

test.run();
