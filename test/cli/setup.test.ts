import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FakeDisk } from "../engine/fake-runtime.js";
import { FakePython } from "./fake-python.js";
import { runTandem } from "./run-tandem.js";

interface Context {
  disk: FakeDisk;
  python: FakePython;
  env: NodeJS.ProcessEnv;
}

const test = suite<Context>("tandem setup");

test.before.each((context) => {
  context.disk = new FakeDisk();
  context.python = new FakePython(context.disk);
  context.env = {
    HOME: context.disk.root,
    TANDEM_HOME: join(context.disk.root, "tandem"),
    PATH: `${context.python.bin}:/usr/bin:/bin`,
  };
});
test.after.each(({ disk }) => disk.remove());

test("installs both engines, the smallest way, and says first what that takes", ({ python, env }) => {
  const { code, stderr } = runTandem(["setup", "--no-build"], env);
  assert.is(code, 0, stderr);
  assert.match(
    stderr,
    /^setting up TensorFlow [\d.]+ \(CPU\), PyTorch [\d.]+ .*\n.* about .*B to fetch, .*B on disk\n/,
  );
  assert.equal(
    python.calls.map((call) => call.split(" ").slice(0, 3).join(" ")),
    [
      "install tensorflow-cpu==2.21.0",
      "install --no-deps torch==2.15.0",
      "install filelock fsspec",
      "slim --install",
    ],
  );
});

test("a second run does nothing", ({ python, env }) => {
  runTandem(["setup", "--no-build"], env);
  const before = python.calls.length;
  const { code, stderr } = runTandem(["setup", "--no-build"], env);
  assert.is(code, 0);
  assert.is(stderr, "");
  assert.is(python.calls.length, before);
});

test("goes on where it stopped", ({ python, env }) => {
  const failed = runTandem(["setup", "torch", "--no-build"], {
    ...env,
    FAKE_PIP_FAILURE: "Connection refused",
  });
  assert.is(failed.code, 1);
  assert.equal(python.calls, []);
  const { code } = runTandem(["setup", "torch", "--no-build"], env);
  assert.is(code, 0);
  assert.match(python.calls[0] ?? "", "torch==");
});

test("installs nothing where discovery finds the engine", ({ disk, python, env }) => {
  const VIRTUAL_ENV = disk.tensorflowVenv("active", "2.20.0");
  assert.is(runTandem(["setup", "tensorflow", "--no-build"], { ...env, VIRTUAL_ENV }).code, 0);
  assert.equal(python.calls, []);
});

test("--python and --cuda add to what is there; what is there is enough for less", ({ python, env }) => {
  runTandem(["setup", "torch", "--no-build"], env);
  runTandem(["setup", "torch", "--no-build", "--python"], env);
  assert.match(python.calls.slice(3).join("\n"), /^install torch==2.15.0\n/);
  const before = python.calls.length;
  runTandem(["setup", "torch", "--no-build"], env);
  assert.is(python.calls.length, before);
  runTandem(["setup", "tensorflow", "--no-build", "--cuda"], env);
  assert.is(python.calls.at(-1), "install tensorflow[and-cuda]==2.21.0");
  runTandem(["setup", "--no-build", "--cuda"], env);
  const after = python.calls.length;
  runTandem(["setup", "--no-build", "--cuda"], env);
  runTandem(["setup", "--no-build", "--python"], env);
  assert.is(python.calls.length, after);
});

test("extras live beside both engines, in Tandem's own environment", ({ disk, python, env }) => {
  const VIRTUAL_ENV = disk.tensorflowVenv("active", "2.20.0");
  runTandem(["setup", "--no-build", "--extra", "examples"], { ...env, VIRTUAL_ENV });
  assert.match(python.calls[0] ?? "", "tensorflow-cpu");
  assert.match(python.calls.join("\n"), "/requirements-examples.txt");
  const unknown = runTandem(["setup", "--no-build", "--extra", "nonsense"], env);
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr, "there is no list of packages for nonsense; known: examples");
});

test("installs nothing where the user names an environment", ({ disk, python, env }) => {
  const TANDEM_PYTHON = disk.tensorflowVenv("named", "2.20.0");
  runTandem(["setup", "tensorflow", "--no-build", "--extra", "examples"], { ...env, TANDEM_PYTHON });
  assert.equal(python.calls, []);
});

test("without Python: says which are good and how to get one", ({ env }) => {
  const { code, stderr } = runTandem(["setup", "--no-build"], { ...env, PATH: "/nonexistent" });
  assert.is(code, 1);
  assert.match(stderr, "tandem: Python 3.11, 3.12, 3.13 with its venv module is needed and was not found.");
  assert.match(stderr, "sudo apt-get install python3 python3-venv");
  assert.not.match(stderr, "    at ");
});

test("without a compiler: says how to get one", ({ disk, env }) => {
  const VIRTUAL_ENV = disk.tensorflowVenv("active", "2.20.0");
  const { code, stderr } = runTandem(["setup", "tensorflow"], { ...env, VIRTUAL_ENV, PATH: "/nonexistent" });
  assert.is(code, 1);
  assert.match(stderr, "A C++ compiler is needed to build the addon");
  assert.match(stderr, "sudo apt-get install g++");
});

test("a failing step shows the end of its output, its log, and what to do", ({ env }) => {
  const failing = (FAKE_PIP_FAILURE: string) =>
    runTandem(["setup", "tensorflow", "--no-build"], { ...env, FAKE_PIP_FAILURE }).stderr;
  const stderr = failing("OSError: [Errno 28] No space left on device");
  assert.match(stderr, "installing tensorflow-cpu==2.21.0 failed (exit 1):\nOSError: [Errno 28]");
  assert.match(stderr, "TANDEM_HOME=/other/disk/tandem npx tandem setup");
  const log = /\(all of it: (.*)\)/.exec(stderr)?.[1] ?? "";
  assert.ok(existsSync(log), log);
  assert.match(failing("ERROR: No matching distribution found for x"), "pip config list");
});

test.run();
