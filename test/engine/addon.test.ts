import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addonFile, loadAddon, prebuiltAddonFile } from "../../src/engine/addon.js";
import { addonBuild, builtAddonFile, packageRoot, sourceHash } from "../../src/engine/addon-build.js";
import { findTorch } from "../../src/engine/find-torch.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("addon");
const disk = new FakeDisk();
test.after(() => disk.remove());

const torchAt = (folder: string, version: string) =>
  findTorch({ TANDEM_TORCH: disk.torchVenv(folder, version) }).runtime;

test("one build serves every TensorFlow, and one each libtorch version, whatever its CUDA", () => {
  assert.is(addonBuild("tensorflow").variant, "tensorflow");
  const variant = (version: string) => addonBuild("torch", torchAt(version, version)).variant;
  assert.is(variant("2.15.0+cu132"), "torch-2.15.0");
  assert.is(variant("2.15.0+cpu"), "torch-2.15.0");
  assert.is(variant("2.14.1"), "torch-2.14.1");
});

test("a build is found again by what it was built from", () => {
  const build = addonBuild("tensorflow");
  assert.match(sourceHash(), /^[0-9a-f]{12}$/);
  assert.match(build.key, `tensorflow-${sourceHash()}-napi`);
  const home = join(disk.root, "home");
  assert.is(addonFile(build, { TANDEM_HOME: home }), undefined);
  disk.writeBytes(builtAddonFile({ ...build, key: "tensorflow-0123456789ab" }, home), Buffer.alloc(0));
  assert.is(addonFile(build, { TANDEM_HOME: home }), undefined, "built from other sources");
  disk.writeBytes(builtAddonFile(build, home), Buffer.alloc(0));
  assert.is(addonFile(build, { TANDEM_HOME: home }), builtAddonFile(build, home));
});

test("a folder that the user names comes before all", () => {
  const folder = disk.write("addons", ["tandem_tensorflow.node"]);
  const file = addonFile(addonBuild("tensorflow"), { TANDEM_ADDONS: folder, TANDEM_HOME: disk.root });
  assert.is(file, join(folder, "tandem_tensorflow.node"));
});

test("an addon that is not built is an error that names the command", () => {
  const env = { TANDEM_HOME: join(disk.root, "empty"), TANDEM_TORCH: disk.torchVenv("torch", "2.15.0") };
  for (const [addon, message] of [
    ["preload", "the preload addon is not built for"],
    ["torch", "the torch-2.15.0 addon is not built for"],
  ] as const) {
    const error = thrownBy(() => loadAddon(addon, env));
    assert.is(error.code, Code.UNAVAILABLE);
    assert.match(error.message, message);
    assert.match(error.message, "`npx tandem setup torch` builds it");
  }
});

test("a file that cannot be loaded is an error that names it", () => {
  const folder = disk.write("broken", { "tandem_preload.node": "no library" });
  const error = thrownBy(() => loadAddon("preload", { TANDEM_ADDONS: folder, TANDEM_HOME: disk.root }));
  assert.is(error.code, Code.FAILED_PRECONDITION);
  assert.match(error.message, `cannot load ${join(folder, "tandem_preload.node")}: `);
});

test("a libtorch that does not tell its version is an error that names it", () => {
  const TANDEM_TORCH = disk.write("nameless", ["lib/libc10.so", "lib/libtorch_cpu.so"]);
  const error = thrownBy(() => loadAddon("torch", { TANDEM_TORCH, TANDEM_HOME: disk.root }));
  assert.is(error.code, Code.FAILED_PRECONDITION);
  assert.match(error.message, `libtorch in ${TANDEM_TORCH} does not tell its version`);
});

test("both engines' addons load in one process, and in worker threads besides", async () => {
  for (const engine of ["tensorflow", "torch"] as const) {
    assert.type(loadAddon<{ open: unknown }>(engine).open, "function");
    assert.is(loadAddon(engine), loadAddon(engine));
  }
  const code = `
    const { parentPort } = require("node:worker_threads");
    import("tsx/esm/api").then(async ({ tsImport }) => {
      const { loadAddon } = await tsImport(${JSON.stringify(join(packageRoot, "src/engine/addon.ts"))}, ${JSON.stringify(import.meta.url)});
      parentPort.postMessage(["torch", "tensorflow"].map((engine) => typeof loadAddon(engine).open));
    });`;
  const worker = () =>
    new Promise((settle, reject) => {
      const thread = new Worker(code, { eval: true });
      thread.once("message", settle).once("error", reject);
    });
  assert.equal(await Promise.all([worker(), worker()]), [
    ["function", "function"],
    ["function", "function"],
  ]);
});

test("a prebuilt addon is taken if it was built from the same sources", () => {
  const build = addonBuild("tensorflow");
  const tuple = `prebuilds/${process.platform}-${process.arch}`;
  const prebuilt = (sourceHash: string, folder: string) => {
    const files = { "built-from.json": JSON.stringify({ sourceHash }), [`${tuple}/tandem.node`]: "" };
    return prebuiltAddonFile(build, disk.write(folder, files));
  };
  assert.is(prebuilt(build.sourceHash, "fresh"), join(disk.root, "fresh", tuple, "tandem.node"));
  assert.is(prebuilt("0123456789ab", "stale"), undefined);
  assert.is(prebuiltAddonFile(build, join(disk.root, "nowhere")), undefined);
});

function thrownBy(work: () => unknown): ServingError {
  try {
    work();
  } catch (error) {
    assert.instance(error, ServingError);
    return error as ServingError;
  }
  throw new Error("nothing was thrown");
}

test.run();
