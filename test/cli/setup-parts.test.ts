import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withSetupLock } from "../../src/cli/setup-lock.js";
import { cudaWheels, pin } from "../../src/cli/setup-pins.js";
import { requireDisk, size } from "../../src/cli/setup-tools.js";
import { FakeDisk } from "../engine/fake-runtime.js";

const test = suite("parts of the set-up");
const disk = new FakeDisk();
test.after(() => disk.remove());

test("the wheels with the CUDA libraries that libtorch's CPU part links to, in torch's CUDA version", () => {
  const missing = ["libcudart.so.13", "libcupti.so.13"];
  assert.equal(cudaWheels(missing, "13.2"), ["nvidia-cuda-runtime==13.2.*", "nvidia-cuda-cupti==13.2.*"]);
  assert.equal(cudaWheels(["libcudart.so.12"], "12.8"), ["nvidia-cuda-runtime-cu12==12.8.*"]);
  assert.equal(cudaWheels([], "13.2"), [], "a CPU build links to none");
  assert.equal(cudaWheels(["libother.so.1"], "13.2"), []);
});

test("the default is the smaller one", () => {
  for (const engine of ["tensorflow", "torch"] as const) {
    assert.ok(pin(engine, "slim").diskMegabytes < pin(engine, "cuda").diskMegabytes);
  }
});

test("too little disk says how much is there, how much is needed and what to do", () => {
  requireDisk(disk.root, 1);
  assert.throws(
    () => requireDisk(disk.root, 1e12),
    /has .*B left, and 1000000000.0 GB are needed.\n.*TANDEM_HOME=/,
  );
  assert.is(size(560), "560 MB");
  assert.is(size(1340), "1.3 GB");
});

test("set-ups of one folder take turns", async () => {
  const events: string[] = [];
  const one = withSetupLock(disk.root, async () => {
    events.push("one starts");
    await sleep(50);
    events.push("one ends");
  });
  const other = withSetupLock(disk.root, async () => events.push("other starts"));
  await Promise.all([one, other]);
  assert.equal(events, ["one starts", "one ends", "other starts"]);
});

test("a lock whose process has ended is taken over, and one is given back after a failure", async () => {
  writeFileSync(join(disk.root, "setup.lock"), "999999999");
  const failing = withSetupLock(disk.root, async () => {
    throw new Error("failed");
  });
  await failing.then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, "failed"),
  );
  assert.is(await withSetupLock(disk.root, async () => "free"), "free");
});

test.run();
