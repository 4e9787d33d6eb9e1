import { test } from "uvu";
import { Code } from "../../../src/inference/serving-error.js";
import { checkLoadRequest, checkUnloadRequest } from "../../../src/protocol/kserve/model-control.js";
import { rejects } from "../../config/rejects.js";

const load = (text: string) => checkLoadRequest(Buffer.from(text));
const unload = (text: string) => checkUnloadRequest(Buffer.from(text));

test("a body may be empty, or ask for nothing in particular", () => {
  for (const check of [checkLoadRequest, checkUnloadRequest]) {
    check(undefined);
    for (const text of ["", "{}", '{"parameters": {}}', '{"other": 1}']) check(Buffer.from(text));
  }
});

test("a configuration or files in place of the repository's are not implemented", () => {
  for (const key of ["config", "file:1/model.pt"]) {
    rejects(
      () => load(JSON.stringify({ parameters: { [key]: "x" } })),
      Code.UNIMPLEMENTED,
      `load parameter '${key}' is not implemented yet: a model is loaded as it is in the repository`,
    );
  }
  rejects(
    () => load('{"parameters": {"config": {}}}'),
    Code.INTERNAL,
    "Unable to parse 'config': attempt to access JSON non-string as string",
  );
});

test("load has no other parameters", () => {
  rejects(
    () => load('{"parameters": {"version": 1}}'),
    Code.INTERNAL,
    "unexpected error on creating Triton parameter: 'version', expected 'config' or 'file:<version>/<path>'",
  );
});

test("unload may take dependents along, of which there are none", () => {
  unload('{"parameters": {"unload_dependents": true}}');
  unload('{"parameters": {"unload_dependents": false, "other": 1}}');
  rejects(
    () => unload('{"parameters": {"unload_dependents": "yes"}}'),
    Code.INTERNAL,
    "Unable to parse 'unload_dependents': attempt to access JSON non-boolean as boolean",
  );
});

test("what is no JSON, or no object, is a fault of the JSON", () => {
  for (const check of [load, unload]) {
    rejects(() => check("{"), Code.INTERNAL, /^failed to parse the request JSON buffer: /);
    rejects(() => check("[]"), Code.INTERNAL, /attempt to access JSON non-object as object/);
    rejects(
      () => check('{"parameters": 1}'),
      Code.INTERNAL,
      "Unable to parse 'parameters': attempt to access JSON non-object as object",
    );
  }
});

test.run();
