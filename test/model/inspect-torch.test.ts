import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readModelConfig } from "../../src/config/read-model-config.js";
import { formatSignature } from "../../src/config/torch-signature.js";
import { load } from "../../src/index.js";
import { Code } from "../../src/inference/serving-error.js";
import { inspectModel } from "../../src/model/inspect-model.js";
import type { TorchInspection } from "../../src/model/inspect-torch.js";
import { artifact, fixture, fixtureCases } from "../support/fixtures.js";
import { ModelFiles } from "../support/model-files.js";
import { TemporaryRepository } from "../support/repository.js";
import { rejection } from "./make-model.js";

async function inspectTorch(path: string): Promise<TorchInspection> {
  const inspection = await inspectModel(path);
  if (inspection.kind !== "TorchScript") throw new Error(`${path} is no TorchScript`);
  return inspection;
}

const refused = (name: string) => join(fixture("torch-refused"), "1", `${name}.pt`);

test("tells the signature and the parameters of a module", async () => {
  const { kind, path, signature, parameters, training, config, problem } = await inspectTorch(
    artifact("torch-conv"),
  );
  assert.equal([kind, path, training, problem], ["TorchScript", artifact("torch-conv"), false, undefined]);
  assert.is(formatSignature(signature), "forward(input: Tensor) -> Tensor");
  assert.equal(parameters[0], { name: "0.weight", dataType: "TYPE_FP32", shape: [8, 3, 3, 3] });
  assert.is(config, undefined);
});

for (const [name, signature] of [
  ["torch-optional", "forward(x: Tensor, bias: Optional[Tensor] = None) -> Tensor"],
  ["torch-dict", "forward(features: Dict[str, Tensor]) -> Tensor"],
  ["torch-strings-and-tensor", "forward(words: List[str], counts: Tensor) -> Tuple[List[str], Tensor]"],
  [
    "torch-nested-dict-output",
    "forward(x: Tensor) -> Tuple[Tensor, Dict[str, Tuple[Tensor, Tensor]], Dict[str, Tensor]]",
  ],
] as const) {
  test(`${name} is ${signature}`, async () => {
    assert.is(formatSignature((await inspectTorch(artifact(name))).signature), signature);
  });
}

test("tells what a traced module was traced with, and nothing of a scripted one", async () => {
  const { tracedInputs, skeleton } = await inspectTorch(artifact("torch-traced"));
  assert.equal(tracedInputs, [{ name: "input", dataType: "TYPE_FP32", shape: [2, 4] }]);
  assert.match(skeleton, "dims: [ 2, 4 ]  # as it was traced; -1 where it varies");
  assert.equal((await inspectTorch(artifact("torch-add"))).tracedInputs, [undefined, undefined]);
});

test("a skeleton that is completed serves the model", async () => {
  const { skeleton } = await inspectTorch(artifact("torch-matmul"));
  const config = skeleton.replaceAll("dims: [ -1 ]", "dims: [ -1, -1 ]");
  await using model = await load(artifact("torch-matmul"), { config });
  const [{ inputs, outputs }] = fixtureCases("torch-matmul") as [ReturnType<typeof fixtureCases>[number]];
  const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
  assert.equal(Buffer.from(answer.OUTPUT__0?.bytes ?? []), outputs[0]?.bytes);
});

test("in a model directory the configuration is shown as written, and judged", async () => {
  const { config, problem, warnings } = await inspectTorch(fixture("torch-add"));
  assert.equal([config?.name, config?.maxBatchSize, problem], ["torch-add", 8, undefined]);
  assert.equal(warnings, []);
  assert.match(
    (await inspectTorch(fixture("torch-ordered"))).warnings[0] as string,
    /in configuration order/,
  );
  const repository = new TemporaryRepository({ m: { fixture: "torch-add", files: { "config.pbtxt": "" } } });
  assert.match(
    (await inspectTorch(join(repository.path, "m"))).skeleton,
    'name: "m"\nplatform: "pytorch_libtorch"\n',
  );
  repository.add("wrong", {
    fixture: "torch-add",
    files: {
      "config.pbtxt":
        'input { name: "x" data_type: TYPE_FP32 dims: 16 } output { name: "OUTPUT__0" data_type: TYPE_FP32 dims: 16 }',
    },
  });
  assert.is(
    (await inspectTorch(join(repository.path, "wrong"))).problem,
    "unable to load model 'wrong', configuration expects 1 inputs, model provides 2 " +
      "(the model is forward(left: Tensor, right: Tensor) -> Tuple[Tensor, Tensor])",
  );
  repository.remove();
});

test("a module that no configuration can serve is told of", async () => {
  assert.match(
    (await inspectTorch(refused("WithNumber"))).problem as string,
    /^An input of type 'int' was detected in the model\..*forward\(x: Tensor, n: int = 3\) -> Tensor/,
  );
});

test("every module of the fixtures has a skeleton that can be read and asks for nothing impossible", async () => {
  const models = dirname(fixture("torch-add"));
  const noModules = ["torch-pickled", "torch-truncated", "torch-other-files", "torch-refused"];
  const isModule = (name: string) => !noModules.includes(name) && !/^torch-(aoti|python)-/.test(name);
  for (const name of readdirSync(models).filter(isModule)) {
    const { skeleton, problem } = await inspectTorch(join(models, name, "1/model.pt"));
    assert.is(problem, undefined, name);
    readModelConfig(skeleton, name);
  }
});

test("what is no TorchScript is an error that says what it is", async () => {
  const error = await rejection(inspectModel(artifact("torch-pickled")));
  assert.is(error.code, Code.INVALID_ARGUMENT);
  assert.match(
    error.message,
    /is a state_dict saved by torch\.save .*, not TorchScript: load it into its module/,
  );
  const truncated = await rejection(inspectModel(artifact("torch-truncated")));
  assert.match(truncated.message, /is an archive that is cut off/);
  const files = new ModelFiles({ "m/config.pbtxt": 'platform: "pytorch_libtorch"', "m/1/": "" });
  const missing = await rejection(inspectModel(files.at("m")));
  assert.is(missing.message, `unable to find '${files.at("m/1/model.pt")}' of model 'm'`);
  assert.is(missing.code, Code.NOT_FOUND);
  files.remove();
});

test.run();
