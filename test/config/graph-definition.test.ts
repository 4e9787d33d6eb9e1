import { test } from "uvu";
import * as assert from "uvu/assert";
import { readGraphDefinition } from "../../src/config/graph-definition.js";
import { loadDescriptor } from "../../src/config/message-schema.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

test("reads names and operations in the file's order", () => {
  const type = loadDescriptor("graph-def").lookupType("tensorflow.GraphDef");
  const node = [
    { name: "x", op: "Placeholder" },
    { name: "scope/y", op: "MatMul" },
  ];
  assert.equal(readGraphDefinition(type.encode({ node }).finish()), [
    { name: "x", operation: "Placeholder" },
    { name: "scope/y", operation: "MatMul" },
  ]);
});

test("an empty file is an empty graph, another file none", () => {
  assert.equal(readGraphDefinition(new Uint8Array()), []);
  rejects(() => readGraphDefinition(Buffer.from("PK\x03\x04")), Code.INVALID_ARGUMENT, /^not a GraphDef: /);
});

test.run();
