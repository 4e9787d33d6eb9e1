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

test("TorchScript is read by libtorch: signature and skeleton, as text and as JSON", () => {
  const { code, stdout, stderr } = runTandem(["inspect", artifact("torch-optional")], process.env);
  assert.is(code, 0, stderr);
  assert.match(stdout, "  signature   forward(x: Tensor, bias: Optional[Tensor] = None) -> Tensor\n");
  assert.match(stdout, '\n# config.pbtxt, a skeleton: what is marked ? is not in the file\nname: "model"\n');
  const json = JSON.parse(runTandem(["inspect", "--json", fixture("torch-optional")], process.env).stdout);
  assert.equal(json.arguments[1], { name: "bias", type: "Optional[Tensor]", default: "None" });
  assert.is(json.result, "Tensor");
  assert.is(json.config.max_batch_size, 8);
  const skeleton = JSON.parse(
    runTandem(["inspect", "--json", artifact("torch-optional")], process.env).stdout,
  );
  assert.match(skeleton.config_pbtxt, "optional: true  # bias = None");
  assert.is(skeleton.config, undefined);
});

test("TorchScript without libtorch fails and says what would help; what is none is told without it", () => {
  const { code, stderr } = inspect(artifact("torch-add"));
  assert.is(code, 1);
  assert.match(
    stderr,
    /unable to inspect '.*model\.pt': PyTorch was not found; `npx tandem setup torch` installs it/,
  );
  assert.match(inspect(artifact("torch-pickled")).stderr, "is a state_dict saved by torch.save");
});

test("fails where there is nothing to inspect", () => {
  const { code, stderr } = inspect("/nonexistent");
  assert.is(code, 1);
  assert.match(stderr, "tandem: unable to inspect '/nonexistent': nothing is there");
});

test("an AOTInductor package: what it takes and gives, and a skeleton", () => {
  const { code, stdout, stderr } = runTandem(["inspect", artifact("torch-aoti-static")], process.env);
  assert.is(code, 0, stderr);
  assert.match(
    stdout,
    "  takes    ARGS[0]  TYPE_FP32  [4,6]\n  takes    ARGS[1]  TYPE_INT64  [2]\n  gives    RESULT[0]\n",
  );
  assert.match(stdout, '  name: "ARGS[1]"\n  data_type: TYPE_INT64\n  dims: [ 2 ]\n}\n');
  const json = JSON.parse(runTandem(["inspect", "--json", fixture("torch-aoti-static")], process.env).stdout);
  assert.is(json.metadata.AOTI_DEVICE_KEY, "cpu");
  assert.equal(json.inputs[1].dims, [2]);
  assert.is(json.config.platform, "torch_aoti");
});

test.run();
