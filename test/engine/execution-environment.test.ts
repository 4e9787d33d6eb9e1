import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { executionEnvironment } from "../../src/engine/execution-environment.js";
import { Code, type ServingError } from "../../src/inference/serving-error.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("executionEnvironment");
const disk = new FakeDisk();
test.after(() => disk.remove());

const env = { TANDEM_HOME: join(disk.root, "tandem") };
const environments = join(env.TANDEM_HOME, "environments");

/** What conda-pack makes: no folder around it, and a script that finishes the environment where it has been unpacked. */
function archive(name: string): string {
  const folder = disk.write(name, {
    // In place of Python: runs what it is given.
    "bin/python": '#!/bin/sh\nexec sh "$@"\n',
    "bin/conda-unpack": 'echo "$0" > "$(dirname "$0")/../unpacked"\n',
  });
  chmodSync(join(folder, "bin/python"), 0o755);
  const file = join(disk.root, `${name}.tar.gz`);
  execFileSync("tar", ["-czf", file, "-C", folder, "."]);
  return file;
}

async function failure(path: string): Promise<ServingError> {
  return executionEnvironment(path, env).then(
    () => assert.unreachable("expected an error") as never,
    (error) => error,
  );
}

test("takes a directory's interpreter", async () => {
  const folder = disk.write("environment", ["bin/python3"]);
  assert.is(await executionEnvironment(folder, env), join(folder, "bin/python3"));
});

test("unpacks an archive once, finishes it where it lies, and again when it has changed", async () => {
  const file = archive("packed");
  const [python, ...others] = await Promise.all([1, 2, 3].map(() => executionEnvironment(file, env)));
  assert.ok(others.every((other) => other === python));
  const folder = dirname(dirname(python as string));
  const script = readFileSync(join(folder, "unpacked"), "utf8").trim();
  assert.ok(script.startsWith(`${folder}.`), "the folder that it was told of is the one that stays");
  assert.is(readFileSync(script, "utf8"), readFileSync(join(folder, "bin/conda-unpack"), "utf8"));

  const before = readdirSync(environments);
  assert.is(before.length, 2, "a folder, and the link to it");
  assert.is(await executionEnvironment(file, env), python);
  assert.equal(readdirSync(environments), before);
  utimesSync(file, 1, 1);
  assert.is.not(await executionEnvironment(file, env), python);
});

test("what is neither is an error that names the path, and nothing is left", async () => {
  const before = readdirSync(environments);
  const empty = disk.write("no-environment", ["lib/nothing"]);
  const text = disk.write("text", { "file.tar.gz": "no archive" });
  const expected = {
    [join(disk.root, "missing")]: "does not exist",
    [empty]: "holds no bin/python",
    [join(text, "file.tar.gz")]: "cannot be unpacked: ",
  };
  for (const [path, what] of Object.entries(expected)) {
    const { code, message } = await failure(path);
    assert.is(code, Code.INVALID_ARGUMENT);
    const start =
      "parameter 'EXECUTION_ENV_PATH' must name a Python environment or an archive of conda-pack, but";
    assert.ok(message.startsWith(`${start} '${path}' ${what}`), message);
  }
  assert.equal(readdirSync(environments), before);
});

test.run();
