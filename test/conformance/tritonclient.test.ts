/** What the Python package `tritonclient` gets from servers of real models: see tritonclient_*.py for the cases. */

import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runPython } from "../support/python.js";
import { type RepositoryModel, TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

/** Runs a script's cases against a server of its own; each is a test of the suite that is given back. */
async function caseSuite(
  script: string,
  models: Readonly<Record<string, string | RepositoryModel>>,
  options: readonly string[] = [],
) {
  const test = suite(`tritonclient: ${script}`);
  const repository = new TemporaryRepository(models);
  const server = await TestServer.start(repository.path, options);
  const path = fileURLToPath(new URL(script, import.meta.url));
  const output = runPython(path, [`127.0.0.1:${server.httpPort}`]);
  const outcomes = JSON.parse(output) as Record<string, string | null>;
  for (const [name, fault] of Object.entries(outcomes)) {
    test(name, () => assert.is(fault, null, fault ?? undefined));
  }
  test("has cases", () => assert.ok(Object.keys(outcomes).length > 0));
  test("ends well", async () => {
    assert.is(await server.stop(), 0, server.log);
    repository.remove();
  });
  return test;
}

const datatypes = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 fp16 fp32 fp64 bytes".split(" ");
const models = ["tf-add", "tf-labels", "torch-labels", ...datatypes.map((name) => `tf-identity-${name}`)];
const suites = [
  await caseSuite("tritonclient_http.py", Object.fromEntries(models.map((name) => [name, name]))),
  await caseSuite(
    "tritonclient_control.py",
    { "tf-add": "tf-add", "torch-add": "torch-add", broken: "tf-truncated" },
    ["--model-control-mode=explicit", "--load-model=torch-add"],
  ),
];
for (const test of suites) test.run();
