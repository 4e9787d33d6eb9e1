import { suite } from "uvu";
import * as assert from "uvu/assert";
import { artifact, fixture } from "../support/fixtures.js";
import { runTandem } from "./run-tandem.js";

const test = suite("tandem inspect");

/** Without any engine to be found. */
const bare = { PATH: "/nonexistent", HOME: "/nonexistent" };
const inspect = (...args: readonly string[]) => runTandem(["inspect", ...args], bare);

test("needs no TensorFlow, and ends with a configuration", () => {
  const { code, stdout, stderr } = inspect(fixture("tf-add"));
  assert.is(code, 0, stderr);
  assert.match(stdout, `SavedModel ${artifact("tf-add")}\n\ngraph 'serve', saved by TensorFlow `);
  assert.match(
    stdout,
    "  signature 'serving_default'\n    input  INPUT0  TYPE_FP32  [-1,16]\n    input  INPUT1  TYPE_FP32  [-1,16]\n",
  );
  assert.match(stdout, '\n# config.pbtxt, completed\nname: "tf-add"\nplatform: "tensorflow_savedmodel"\n');
});

test("as JSON: signatures, operations, and the configuration both ways", () => {
  const { code, stdout } = inspect("--json", "--signature=negate", fixture("tf-signatures"));
  assert.is(code, 0);
  const { graphs, config, config_pbtxt } = JSON.parse(stdout);
  assert.equal(Object.keys(graphs[0].signatures), ["negate", "serving_default", "weigh"]);
  assert.is(graphs[0].operations.Neg, 1);
  assert.equal(
    config.output.map(({ name }: { name: string }) => name),
    ["negative"],
  );
  assert.match(config_pbtxt, "max_batch_size: 4");
});

test("takes options of the backend", () => {
  const { stdout } = inspect("--backend-config=tensorflow,default-max-batch-size=32", fixture("tf-add"));
  assert.match(stdout, "max_batch_size: 32");
});

test("says why a model cannot be loaded, which is an answer and no failure", () => {
  const { code, stdout } = inspect("--tag=none", fixture("tf-tags"));
  assert.is(code, 0);
  assert.match(
    stdout,
    "cannot be loaded: unable to load model 'tf-tags', expected 'none' tag; the model has: 'serve'",
  );
});

test("fails where there is nothing to inspect", () => {
  const { code, stderr } = inspect("/nonexistent");
  assert.is(code, 1);
  assert.match(stderr, "tandem: unable to inspect '/nonexistent': nothing is there");
});

test.run();
