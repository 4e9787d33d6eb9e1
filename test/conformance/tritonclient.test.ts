/** What the Python package `tritonclient` gets from a server of real models: see tritonclient_http.py for the cases. */

import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runPython } from "../support/python.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

const datatypes = "bool uint8 uint16 uint32 uint64 int8 int16 int32 int64 fp16 fp32 fp64 bytes".split(" ");
const models = ["tf-add", "tf-labels", "torch-labels", ...datatypes.map((name) => `tf-identity-${name}`)];

const repository = new TemporaryRepository(Object.fromEntries(models.map((name) => [name, name])));
const server = await TestServer.start(repository.path);
const script = fileURLToPath(new URL("tritonclient_http.py", import.meta.url));
const outcomes = JSON.parse(runPython(script, [`127.0.0.1:${server.httpPort}`])) as Record<
  string,
  string | null
>;

for (const [name, fault] of Object.entries(outcomes)) {
  test(`tritonclient: ${name}`, () => assert.is(fault, null, fault ?? undefined));
}

test("tritonclient: has cases", () => assert.ok(Object.keys(outcomes).length > 0));

test.after(async () => {
  assert.is(await server.stop(), 0, server.log);
  repository.remove();
});
test.run();
