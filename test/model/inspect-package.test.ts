import { test } from "uvu";
import * as assert from "uvu/assert";
import { load } from "../../src/index.js";
import { inspectModel } from "../../src/model/inspect-model.js";
import type { PackageInspection } from "../../src/model/inspect-package.js";
import { assertTensors } from "../support/compare.js";
import { artifact, fixture, fixtureCases } from "../support/fixtures.js";
import { TemporaryRepository } from "../support/repository.js";
import { rejection } from "./make-model.js";

async function inspectPackage(path: string): Promise<PackageInspection> {
  const inspection = await inspectModel(path);
  if (inspection.kind !== "AOTInductor") throw new Error(`${path} is no package`);
  return inspection;
}

test("tells what a package was compiled for, takes and gives", async () => {
  const { metadata, callSpec, source, problem, config } = await inspectPackage(artifact("torch-aoti-mlp"));
  assert.is(metadata.AOTI_DEVICE_KEY, "cpu");
  assert.equal(callSpec, { inputs: ["ARGS[0]"], outputs: ["RESULT"] });
  assert.is(source.inputs?.[0]?.dataType, "TYPE_FP32");
  assert.ok(source.weightBytes >= 4 * (32 * 64 + 64 + 64 * 10 + 10));
  assert.equal([problem, config], [undefined, undefined]);
});

test("tells that a package changes with its runs", async () => {
  assert.is((await inspectPackage(artifact("torch-aoti-counter"))).source.hasState, true);
  assert.is((await inspectPackage(artifact("torch-aoti-nested"))).source.hasState, false);
});

test("a skeleton whose outputs are completed serves the package", async () => {
  const { skeleton } = await inspectPackage(artifact("torch-aoti-mlp"));
  await using model = await load(artifact("torch-aoti-mlp"), {
    config: skeleton.replace("dims: [ -1 ]", "dims: [ -1, 10 ]"),
  });
  for (const { inputs, outputs } of fixtureCases("torch-aoti-mlp")) {
    assertTensors(Object.values(await model.infer({ "ARGS[0]": inputs[0]! })), outputs);
  }
});

test("says why a configuration does not fit", async () => {
  assert.is((await inspectPackage(fixture("torch-aoti-nested"))).problem, undefined);
  const text = 'platform: "torch_aoti" input { name: "x" data_type: TYPE_FP32 dims: [ 1 ] } ';
  const repository = new TemporaryRepository({
    mlp: {
      fixture: "torch-aoti-mlp",
      files: { "config.pbtxt": `${text} output { name: "y" data_type: TYPE_FP32 dims: 1 }` },
    },
  });
  const { problem, config } = await inspectPackage(`${repository.path}/mlp`);
  repository.remove();
  assert.match(problem ?? "", "it has no input 'x'; the inputs of the package are ARGS[0] (INPUT__0)");
  assert.is(config?.name, "mlp");
});

test("what is no package, and one that does not tell, are errors", async () => {
  assert.match(
    (await rejection(inspectModel(artifact("torch-aoti-program")))).message,
    /is no AOTInductor package/,
  );
  assert.match(
    (await rejection(inspectModel(artifact("torch-aoti-sourceless")))).message,
    /its source is not in it/,
  );
});

test.run();
