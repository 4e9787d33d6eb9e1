import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { DoctorReport } from "../../src/cli/doctor-report.js";
import { addonBuild, builtAddonFile } from "../../src/engine/addon-build.js";
import { FakeDisk } from "../engine/fake-runtime.js";
import { runTandem } from "./run-tandem.js";

const test = suite("tandem doctor");
const disk = new FakeDisk();
test.after(() => disk.remove());
const bare = { HOME: disk.root, TANDEM_HOME: join(disk.root, "tandem"), PATH: "/nonexistent" };

test("nothing there: says where it looked and what to run, and fails", () => {
  const { code, stdout } = runTandem(["doctor"], bare);
  assert.is(code, 1);
  assert.match(stdout, /^Tandem [\d.]+, Node.js [\d.]+, linux-/);
  assert.match(stdout, /^GPUs {11}(?:none|\d+(?:, \d+)*)$/m);
  assert.match(stdout, "TensorFlow was not found\n  looked at ");
  assert.match(stdout, "to do        npx tandem setup tensorflow   installs TensorFlow\n");
  assert.match(stdout, "to do        npx tandem setup torch   installs PyTorch\n");
});

test("libraries without an addon: not usable yet", () => {
  const VIRTUAL_ENV = disk.tensorflowVenv("active", "2.20.0");
  const { code, stdout } = runTandem(["doctor"], { ...bare, VIRTUAL_ENV });
  assert.is(code, 1);
  assert.match(stdout, `TensorFlow 2.20.0\n  libraries    ${VIRTUAL_ENV}/`);
  assert.match(stdout, "  CUDA         no\n  addons       tensorflow not built\n  usable       no\n");
  assert.match(stdout, "to do        npx tandem setup tensorflow   builds the addon for TensorFlow 2.20.0\n");
});

test("one engine with its addon is enough", () => {
  const VIRTUAL_ENV = disk.tensorflowVenv("complete", "2.20.0", true);
  const file = builtAddonFile(addonBuild("tensorflow"), bare.TANDEM_HOME);
  disk.writeBytes(file, Buffer.alloc(0));
  const { code, stdout } = runTandem(["doctor", "--json"], { ...bare, VIRTUAL_ENV });
  assert.is(code, 0);
  const [tensorflow, torch] = (JSON.parse(stdout) as DoctorReport).engines;
  assert.is(tensorflow?.usable, true);
  assert.is(tensorflow?.version, "2.20.0");
  assert.is(tensorflow?.cuda, "yes");
  assert.is(tensorflow?.from, "VIRTUAL_ENV");
  assert.equal(tensorflow?.addons, { tensorflow: file });
  assert.is(torch?.usable, false);
  assert.equal(torch?.advice, ["npx tandem setup torch   installs PyTorch"]);
});

test("says what models in processes of their own would use", () => {
  const { stdout } = runTandem(["doctor"], bare);
  assert.match(
    stdout,
    "Models in processes of their own\n  addon        not built\n  Python       none with torch\n" +
      "  to do        npx tandem setup   builds the addon\n" +
      "  to do        npx tandem setup torch   gives Python models a Python with torch\n",
  );
  const file = builtAddonFile(addonBuild("host"), bare.TANDEM_HOME);
  disk.writeBytes(file, Buffer.alloc(0));
  assert.match(runTandem(["doctor"], bare).stdout, `  addon        ${file}\n`);
});

test.run();
