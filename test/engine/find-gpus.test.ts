import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findEngineGpus, findGpus } from "../../src/engine/find-gpus.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("findGpus");
const disk = new FakeDisk();
test.after(() => disk.remove());

/** A machine with so many GPUs. */
const machine = (count: number, env: NodeJS.ProcessEnv = {}) => ({
  env,
  deviceFiles: () => [
    "null",
    "nvidiactl",
    "nvidia-uvm",
    "nvidia-caps",
    ...Array.from({ length: count }, (_, id) => `nvidia${id}`),
  ],
});
const visible = (count: number, CUDA_VISIBLE_DEVICES: string) =>
  findGpus(machine(count, { CUDA_VISIBLE_DEVICES }));

test("are the devices of the NVIDIA driver", () => {
  assert.equal(findGpus(machine(0)), []);
  assert.equal(findGpus(machine(3)), [0, 1, 2]);
});

test("a container that is given one of several numbers it from 0", () => {
  assert.equal(findGpus({ env: {}, deviceFiles: () => ["nvidia3", "nvidiactl"] }), [0]);
});

test("CUDA_VISIBLE_DEVICES hides those it does not name, and CUDA numbers the rest anew", () => {
  assert.equal(visible(4, "2,3"), [0, 1]);
  assert.equal(visible(4, " 3 , 0,1"), [0, 1, 2]);
  assert.equal(visible(2, "GPU-8932f937"), [0]);
  for (const none of ["", "-1", "NoDevFiles", "4"]) assert.equal(visible(4, none), [], none);
});

test("of CUDA_VISIBLE_DEVICES, what stands behind an invalid or repeated device does not count", () => {
  assert.equal(visible(4, "0,-1,1"), [0]);
  assert.equal(visible(2, "1,2,0"), [0]);
  assert.equal(visible(4, "1,1,2"), [0]);
  assert.equal(visible(0, "0"), []);
});

test("an engine that was built without CUDA has none", () => {
  const tensorflow = (cuda: boolean) =>
    machine(2, { TANDEM_TENSORFLOW: disk.tensorflowVenv(`tensorflow-${cuda}`, "2.21.0", cuda) });
  assert.equal(findEngineGpus("tensorflow", tensorflow(true)), [0, 1]);
  assert.equal(findEngineGpus("tensorflow", tensorflow(false)), []);
  const torch = machine(2, { TANDEM_TORCH: disk.torchVenv("torch", "2.12.0") });
  assert.equal(findEngineGpus("pytorch", torch), []);
  assert.equal(findEngineGpus("python", tensorflow(true)), []);
});

test("where there are no devices no engine is looked for", () => {
  assert.equal(findEngineGpus("tensorflow", machine(0)), []);
});

test.run();
