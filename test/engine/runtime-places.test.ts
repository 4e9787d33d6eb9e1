import { chmodSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findTensorflow } from "../../src/engine/find-tensorflow.js";
import { findTorch } from "../../src/engine/find-torch.js";
import { requireRuntime } from "../../src/engine/runtime.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("where the runtime is looked for");
const disk = new FakeDisk();
test.after(() => disk.remove());

/** Nothing but what a test names: no user's folder, no `PATH`. */
const bare = { HOME: join(disk.root, "home"), TANDEM_HOME: join(disk.root, "tandem") };
const from = (env: NodeJS.ProcessEnv) => findTensorflow({ ...bare, ...env }).runtime?.from;

test("takes an explicit path before a Python environment, and that before the managed one", () => {
  disk.tensorflowVenv("tandem/venv", "2.21.0");
  const VIRTUAL_ENV = disk.tensorflowVenv("active", "2.20.0");
  const CONDA_PREFIX = disk.tensorflowVenv("conda", "2.19.0");
  const TANDEM_PYTHON = disk.tensorflowVenv("named", "2.18.0");
  const TANDEM_TENSORFLOW = disk.write("archive/lib", ["libtensorflow.so.2"]);
  assert.is(from({}), "tandem setup");
  assert.is(from({ CONDA_PREFIX }), "CONDA_PREFIX");
  assert.is(from({ CONDA_PREFIX, VIRTUAL_ENV }), "VIRTUAL_ENV");
  assert.is(from({ CONDA_PREFIX, VIRTUAL_ENV, TANDEM_PYTHON }), "TANDEM_PYTHON");
  assert.is(from({ CONDA_PREFIX, VIRTUAL_ENV, TANDEM_PYTHON, TANDEM_TENSORFLOW }), "TANDEM_TENSORFLOW");
});

test("goes on past a Python environment without the engine", () => {
  const TANDEM_PYTHON = disk.torchVenv("torch-only", "2.15.0");
  assert.is(from({ TANDEM_PYTHON }), "tandem setup");
  assert.is(findTorch({ ...bare, TANDEM_PYTHON }).runtime?.from, "TANDEM_PYTHON");
});

test("looks into the environment of an interpreter, named by path or by name", () => {
  const venv = disk.tensorflowVenv("by-interpreter", "2.20.0");
  disk.write("by-interpreter/bin", { python3: "" });
  const interpreter = join(venv, "bin/python3");
  assert.is(
    from({ TANDEM_PYTHON: interpreter }),
    "tandem setup",
    "a file that cannot be run is no interpreter",
  );
  chmodSync(interpreter, 0o755);
  assert.is(from({ TANDEM_PYTHON: interpreter }), "TANDEM_PYTHON");
  assert.is(from({ PATH: join(venv, "bin") }), "python3 on PATH");
});

test("follows a venv to the packages of the Python it was made from, if it says so", () => {
  const base = disk.tensorflowVenv("base", "2.20.0");
  const settings = (include: boolean) =>
    `home = ${base}/bin\ninclude-system-site-packages = ${include}\nversion = 3.11.7\n`;
  const closed = disk.write("closed", { "pyvenv.cfg": settings(false) });
  const open = disk.write("open", { "pyvenv.cfg": settings(true) });
  assert.is(from({ VIRTUAL_ENV: closed }), "tandem setup");
  assert.is(from({ VIRTUAL_ENV: open }), "VIRTUAL_ENV");
});

test("ends at an explicit path that holds nothing, and says so", () => {
  const search = findTensorflow({ ...bare, TANDEM_TENSORFLOW: disk.root });
  const error = thrownBy(() => requireRuntime(search));
  assert.is(error.code, Code.UNAVAILABLE);
  assert.is(
    error.message,
    `TensorFlow was not found: TANDEM_TENSORFLOW names ${disk.root}, which holds no libtensorflow_cc.so.2 or libtensorflow.so.2`,
  );
});

test("a missing engine is one error that names the command and where it was looked for", () => {
  const VIRTUAL_ENV = disk.tensorflowVenv("only-tensorflow", "2.20.0");
  const error = thrownBy(() => requireRuntime(findTorch({ ...bare, VIRTUAL_ENV })));
  assert.match(error.message, "PyTorch was not found; `npx tandem setup torch` installs it. Looked at:\n");
  assert.match(
    error.message,
    `  VIRTUAL_ENV: ${VIRTUAL_ENV}/lib/python3.11/site-packages holds no lib/libtorch_cpu.so`,
  );
});

function thrownBy(work: () => unknown): ServingError {
  try {
    work();
  } catch (error) {
    assert.instance(error, ServingError);
    return error as ServingError;
  }
  assert.unreachable();
  throw new Error("not reached");
}

test.run();
