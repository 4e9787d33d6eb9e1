import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findTensorflow } from "../../src/engine/find-tensorflow.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("findTensorflow");
const disk = new FakeDisk();
test.after(() => disk.remove());
const at = (path: string) => findTensorflow({ TANDEM_TENSORFLOW: path }).runtime;

test("reads a wheel's version and whether it was built with CUDA", () => {
  const cpu = at(disk.tensorflowVenv("cpu", "2.21.0"));
  const site = join(disk.root, "cpu/lib/python3.11/site-packages");
  assert.equal(cpu, {
    engine: "tensorflow",
    from: "TANDEM_TENSORFLOW",
    version: "2.21.0",
    library: join(site, "tensorflow/libtensorflow_cc.so.2"),
    cuda: false,
  });
  assert.is(at(disk.tensorflowVenv("gpu", "2.21.0", true))?.cuda, true);
});

test("takes the environment, its site-packages, the package, or the library", () => {
  disk.tensorflowVenv("venv", "2.20.0");
  const site = join(disk.root, "venv/lib/python3.11/site-packages");
  for (const place of [site, join(site, "tensorflow"), join(site, "tensorflow/libtensorflow_cc.so.2")]) {
    assert.is(at(place)?.version, "2.20.0", place);
  }
});

test("takes a libtensorflow archive, whose version is in the library's name or in a header", () => {
  const named = disk.write("named", ["lib/libtensorflow.so.2.18.1"]);
  symlinkSync("libtensorflow.so.2.18.1", join(named, "lib/libtensorflow.so.2"));
  assert.is(at(named)?.version, "2.18.1");
  assert.is(at(named)?.library, join(named, "lib/libtensorflow.so.2"));
  const header =
    '#define TF_MAJOR_VERSION 2\n#define TF_MINOR_VERSION 17\n#define TF_PATCH_VERSION 0\n#define TF_VERSION_SUFFIX ""\n';
  const stated = disk.write("stated", {
    "lib/libtensorflow.so.2": "",
    "include/tensorflow/core/public/release_version.h": header,
  });
  assert.is(at(stated)?.version, "2.17.0");
  assert.is(at(stated)?.cuda, undefined);
  assert.is(at(disk.write("silent", ["libtensorflow.so.2"]))?.version, undefined);
});

test("refuses a file that is no TensorFlow library", () => {
  const other = join(disk.write("other", ["libother.so"]), "libother.so");
  const { runtime, tried } = findTensorflow({ TANDEM_TENSORFLOW: other });
  assert.is(runtime, undefined);
  assert.is(tried[0]?.reason, "is not a libtensorflow library");
});

test.run();
