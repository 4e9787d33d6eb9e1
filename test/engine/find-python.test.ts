import { chmodSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findPython, requirePython } from "../../src/engine/find-python.js";
import { Code, type ServingError } from "../../src/inference/serving-error.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("findPython");
const disk = new FakeDisk();
test.after(() => disk.remove());

/** Nothing but what a test names: no user's folder, no `PATH`. */
const bare = { HOME: join(disk.root, "home"), TANDEM_HOME: join(disk.root, "tandem") };
const find = (env: NodeJS.ProcessEnv) => findPython({ ...bare, ...env });

/** A Python environment with an interpreter and, unless told otherwise, torch. */
function venv(folder: string, name = "python", torch = true): string {
  disk.write(folder, { "pyvenv.cfg": "home = /nowhere/bin\n", [`bin/${name}`]: "" });
  chmodSync(join(disk.root, folder, "bin", name), 0o755);
  if (torch) disk.write(folder, ["lib/python3.12/site-packages/torch/__init__.py"]);
  return join(disk.root, folder);
}

test("takes the first environment with torch, in the order in which engines are looked for", () => {
  const managed = venv("tandem/venv");
  assert.equal(find({}).interpreter, join(managed, "bin/python"));
  const onPath = venv("path", "python3");
  assert.equal(find({ PATH: join(onPath, "bin") }).from, "python3 on PATH");
  const CONDA_PREFIX = venv("conda");
  assert.is(find({ CONDA_PREFIX, PATH: join(onPath, "bin") }).from, "CONDA_PREFIX");
  const VIRTUAL_ENV = venv("active", "python3");
  assert.is(find({ CONDA_PREFIX, VIRTUAL_ENV }).interpreter, join(VIRTUAL_ENV, "bin/python3"));
  const TANDEM_PYTHON = venv("named");
  assert.is(find({ VIRTUAL_ENV, TANDEM_PYTHON }).from, "TANDEM_PYTHON");
  const interpreter = join(TANDEM_PYTHON, "bin/python");
  assert.is(find({ TANDEM_PYTHON: interpreter }).interpreter, interpreter);
});

test("passes those without torch or without an interpreter, and tells them", () => {
  venv("tandem/venv");
  const VIRTUAL_ENV = venv("empty", "python", false);
  const CONDA_PREFIX = disk.write("no-python", ["lib/python3.12/site-packages/torch/__init__.py"]);
  const search = find({ VIRTUAL_ENV, CONDA_PREFIX });
  assert.is(search.from, "tandem setup");
  assert.equal(search.tried, [
    `VIRTUAL_ENV: ${VIRTUAL_ENV} has no torch`,
    `CONDA_PREFIX: ${CONDA_PREFIX} has no Python`,
    "python3 on PATH: python3 has no Python",
  ]);
});

test("an error tells where it was looked for and what to do", () => {
  const VIRTUAL_ENV = venv("without", "python", false);
  const search = findPython({ ...bare, TANDEM_HOME: join(disk.root, "nothing"), VIRTUAL_ENV });
  try {
    requirePython(search);
    assert.unreachable();
  } catch (error) {
    const { code, message } = error as ServingError;
    assert.is(code, Code.UNAVAILABLE);
    assert.match(
      message,
      /^no Python environment with torch was found; `npx tandem setup torch` makes one\. Looked at:\n/,
    );
    assert.match(message, `\n  VIRTUAL_ENV: ${VIRTUAL_ENV} has no torch\n`);
    assert.match(message, /\n {2}tandem setup: .*\/nothing\/venv has no Python$/);
  }
});

test.run();
