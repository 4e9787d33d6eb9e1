import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/index.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejection } from "../model/make-model.js";
import { get, post } from "../server/http-client.js";
import { artifact, fixture, fixtureCases } from "../support/fixtures.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

// How names reach a module's arguments and results is shown by the fixtures in `frameworks.test.ts`; here is what does not fit.

const tensors = (names: readonly string[], type = "TYPE_FP32", dims = [4]) =>
  names.map((name) => ({ name, data_type: type, dims }));
const configuration = (
  inputs: readonly string[],
  outputs: readonly string[],
  types: [string?, string?] = [],
) => ({
  max_batch_size: 8,
  input: tensors(inputs, types[0]),
  output: tensors(outputs, types[1]),
});

const atLoad = suite("a configuration that does not fit the module");

const weighted = "(the model is forward(left: Tensor, right: Tensor, weight: Tensor) -> Tensor)";

for (const [name, config, message] of [
  [
    "torch-named",
    configuration([], ["OUTPUT__0"]),
    `unable to load model 'm', configuration expects 0 inputs, model provides 3 ${weighted}`,
  ],
  [
    "torch-named",
    configuration(["left", "right"], ["OUTPUT__0"]),
    `unable to load model 'm', configuration expects 2 inputs, model provides 3 ${weighted}`,
  ],
  [
    "torch-optional",
    configuration(["x"], ["OUTPUT__0"]),
    "unable to load model 'm', configuration expects 1 inputs, model provides 2 " +
      "(the model is forward(x: Tensor, bias: Optional[Tensor] = None) -> Tensor)",
  ],
  [
    "torch-named",
    configuration(["A__0", "B__1", "C__7"], ["OUTPUT__0"]),
    `unable to load model 'm', input 'C__7' refers to argument 7, but forward takes 3 arguments ${weighted}`,
  ],
  [
    "torch-named",
    configuration(["A__0", "B__1", "C__2"], []),
    `model configuration must contain at least one output, none were specified. ${weighted}`,
  ],
  [
    "torch-named",
    configuration(["A__0", "B__1", "C__2"], ["OUTPUT__1"]),
    "The output OUTPUT__1 in the model configuration refers to an output index which doesn't exist. " +
      `This model has 1 outputs ${weighted}`,
  ],
  [
    "torch-dict",
    configuration([], ["OUTPUT__0"]),
    "model configuration must contain at least one input, none were specified. " +
      "(the model is forward(features: Dict[str, Tensor]) -> Tensor)",
  ],
  [
    "torch-strings",
    { ...configuration(["INPUT__0"], ["OUTPUT__0"]), max_batch_size: 0 },
    "input 'INPUT__0' is TYPE_FP32, but argument 'text' of forward is List[str]; TYPE_STRING goes with List[str], and " +
      "only with that (the model is forward(text: List[str]) -> List[str])",
  ],
  [
    "torch-tuple",
    { ...configuration(["INPUT__0"], ["A__0", "B__1", "C__2"]), max_batch_size: 0 },
    "configuration expects datatype TYPE_FP32 for output 'C__2', model provides TYPE_STRING, as List[str] " +
      "(the model is forward(x: Tensor) -> Tuple[Tensor, Tensor, List[str]])",
  ],
] as const) {
  atLoad(`${name}: ${message}`, async () => {
    const error = await rejection(load(artifact(name), { name: "m", config }));
    assert.is(error.message, message);
    assert.is(error.code, Code.INVALID_ARGUMENT);
  });
}

const one = configuration(["x"], ["OUTPUT__0"]);
const onlyTensors = "Only a single input of type Dict(str, Tensor) or input(s) of type Tensor are supported.";

for (const [file, config, message] of [
  [
    "TwoDicts",
    one,
    "Multiple inputs of kind DictType were detected. Only a single input of type Dict(str, Tensor) is supported. " +
      "(the model is forward(a: Dict[str, Tensor], b: Dict[str, Tensor]) -> Tensor)",
  ],
  [
    "DictOfNumbers",
    one,
    `An input of type 'Dict[str, int]' was detected in the model. ${onlyTensors} ` +
      "(the model is forward(a: Dict[str, int]) -> Tensor)",
  ],
  [
    "WithNumber",
    configuration(["x", "n"], ["OUTPUT__0"]),
    `An input of type 'int' was detected in the model. ${onlyTensors} ` +
      "(the model is forward(x: Tensor, n: int = 3) -> Tensor)",
  ],
  [
    "FromList",
    configuration(["xs"], ["OUTPUT__0"]),
    `An input of type 'List[Tensor]' was detected in the model. ${onlyTensors} ` +
      "(the model is forward(xs: List[Tensor]) -> Tensor)",
  ],
  [
    "ToNumber",
    configuration(["x"], ["OUTPUT__0", "OUTPUT__1"]),
    "output must be of type Tensor, List[str] or a tuple, list or dictionary of these; output 'OUTPUT__1' is int " +
      "(the model is forward(x: Tensor) -> Tuple[Tensor, int])",
  ],
] as const) {
  atLoad(`${file}: ${message}`, async () => {
    const error = await rejection(load(join(fixture("torch-refused"), "1", `${file}.pt`), { config }));
    assert.is(error.message, message);
    assert.is(error.code, Code.INVALID_ARGUMENT);
  });
}

atLoad("a result that cannot be an output does no harm where none is made of it", async () => {
  const config = configuration(["x"], ["OUTPUT__0"]);
  await using model = await load(join(fixture("torch-refused"), "1/ToNumber.pt"), { config });
  const { OUTPUT__0 } = await model.infer({ x: [[1, 2, 3, 4]] });
  assert.equal(OUTPUT__0?.data, Float32Array.of(1, 2, 3, 4));
});

atLoad.run();

const whenRun = suite("a result that is not what the configuration says");

const fails = (
  name: string,
  outputs: readonly string[],
  types: [string?, string?],
  code: Code,
  message: string,
) =>
  whenRun(`${name}: ${message}`, async () => {
    const config = configuration(["INPUT__0"], outputs, types);
    await using model = await load(artifact(name), { config });
    const error = await rejection(model.infer({ INPUT__0: [[1, 2, 3, 4]] }));
    assert.is(error.message, message);
    assert.is(error.code, code);
  });

fails(
  "torch-scalar-output",
  ["OUTPUT__0"],
  [],
  Code.INTERNAL,
  "output 'OUTPUT__0' is a scalar which is not supported.",
);
fails(
  "torch-other-datatype",
  ["OUTPUT__0"],
  [],
  Code.INTERNAL,
  "configuration expects datatype TYPE_FP32 for output 'OUTPUT__0', model provides TYPE_INT64",
);
fails(
  "torch-none-output",
  ["OUTPUT__0"],
  [],
  Code.INTERNAL,
  "PyTorch execute failure: output 'OUTPUT__0' must be of type Tensor or List[str], received NoneType",
);
fails(
  "torch-empty-output",
  ["OUTPUT__0"],
  [],
  Code.INVALID_ARGUMENT,
  "The output OUTPUT__0 in the model configuration refers to an output index which doesn't exist. This model has 0 " +
    "outputs (the model is forward(x: Tensor) -> List[Tensor])",
);
fails(
  "torch-list-output",
  ["OUTPUT__2"],
  [],
  Code.INVALID_ARGUMENT,
  "The output OUTPUT__2 in the model configuration refers to an output index which doesn't exist. This model has 2 " +
    "outputs (the model is forward(x: Tensor) -> List[Tensor])",
);
fails(
  "torch-dict-output",
  ["logits"],
  [],
  Code.INVALID_ARGUMENT,
  "output 'logits' is no key of what the model returns; its keys: 'double', 'same', 'negative' " +
    "(the model is forward(x: Tensor) -> Dict[str, Tensor])",
);
for (const [output, message] of [
  ["boxes", "output 'boxes' has 2 tensors: name them boxes__0 to boxes__1"],
  [
    "boxes__2",
    "The output boxes__2 in the model configuration refers to an output index which doesn't exist. This model has 2 outputs",
  ],
  [
    "all__6",
    "The output all__6 in the model configuration refers to an output index which doesn't exist. This model has 6 outputs",
  ],
] as const) {
  const signature =
    "(the model is forward(x: Tensor) -> Tuple[Tensor, Dict[str, Tuple[Tensor, Tensor]], Dict[str, Tensor]])";
  fails("torch-nested-dict-output", [output], [], Code.INVALID_ARGUMENT, `${message} ${signature}`);
}

whenRun.run();

const served = suite("over HTTP");

served("nested results, and what does not fit, as a client and the log see it", async () => {
  const repository = new TemporaryRepository({
    nested: "torch-nested-output",
    dictionary: "torch-nested-dict-output",
    empty: { fixture: "torch-named", files: { "config.pbtxt": "" } },
    weights: "torch-pickled",
  });
  const server = await TestServer.start(repository.path, ["--exit-on-error=false"]);
  try {
    const [{ inputs, outputs }] = fixtureCases("torch-nested-dict-output") as [
      ReturnType<typeof fixtureCases>[number],
    ];
    const [input] = inputs;
    const floats = ({ bytes }: { bytes: Uint8Array }) => [...new Float32Array(Uint8Array.from(bytes).buffer)];
    const body = JSON.stringify({
      inputs: [{ name: input!.name, datatype: "FP32", shape: input!.shape, data: floats(input!) }],
    });
    const { status, text } = await post(`${server.url}/v2/models/dictionary/infer`, body);
    assert.is(status, 200, text);
    const answer = JSON.parse(text).outputs as { name: string; data: number[] }[];
    assert.equal(
      answer.map(({ name, data }) => [name, data.map(Math.fround)]),
      outputs.map((tensor) => [tensor.name, floats(tensor)]),
    );
    assert.is((await get(`${server.url}/v2/models/nested/ready`)).status, 200);
    const index = JSON.parse((await post(`${server.url}/v2/repository/index`)).text) as Record<
      string,
      string
    >[];
    const reason = (name: string) => index.find((entry) => entry.name === name)?.reason ?? "";
    assert.match(reason("empty"), `configuration expects 0 inputs, model provides 3 ${weighted}`);
    assert.match(
      reason("weights"),
      "is a state_dict saved by torch.save (weights without code), not TorchScript",
    );
    for (const name of ["nested", "empty"]) {
      assert.match(
        server.log,
        `skipping model configuration auto-complete for '${name}': not supported for pytorch backend`,
      );
    }
  } finally {
    await server.stop();
    repository.remove();
  }
});

served.run();
