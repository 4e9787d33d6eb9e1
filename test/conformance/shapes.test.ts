import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { load, type Model } from "../../src/index.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejection } from "../model/make-model.js";
import { fixture } from "../support/fixtures.js";
import { TemporaryRepository } from "../support/repository.js";

// Shapes that real models do not take, or give against their word. Those they do take are in `frameworks.test.ts`.

async function refused(name: string, config: string): Promise<Error & { code: number }> {
  const repository = new TemporaryRepository({
    [name]: { fixture: name, files: { "config.pbtxt": config } },
  });
  try {
    return await rejection(load(join(repository.path, name)));
  } finally {
    repository.remove();
  }
}

for (const [what, name] of [
  ["a scalar", "tf-scalar-unconfigured"],
  ["a tensor of unknown rank", "tf-unknown-rank"],
] as const) {
  test(`${what}, without a configuration, has no dims that could be completed`, async () => {
    const { code, message } = await refused(name, "");
    assert.is(code, Code.INVALID_ARGUMENT);
    assert.is(
      message,
      `Unable to autofill for '${name}': the rank of model tensor 'x' is 0 and dimensions are not defined`,
    );
  });
}

test("an output of unknown rank is not completed either", async () => {
  const { code, message } = await refused("tf-unknown-rank", 'input { name: "x" dims: [-1, 2] }');
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.is(
    message,
    "Unable to autofill for 'tf-unknown-rank': the rank of model tensor 'y' is 0 which is not supported",
  );
});

test("fewer rows than the batch has fail the request, not the model", async () => {
  await using model = await load(fixture("tf-loses-rows"));
  const { code, message } = await rejection(model.infer({ x: new Float32Array(8) }));
  assert.is(code, Code.UNIMPLEMENTED);
  assert.match(
    message,
    "failed to split the output tensor 'y' in responses: expected batch size of at least 2 in model output, got 1",
  );
  assert.equal((await model.infer({ x: new Float32Array(4) })).y?.shape, [1, 4]);
});

/** What a client is told of shapes it may not send. */
async function told(model: Model, shape: readonly number[]): Promise<string> {
  const elements = shape.reduce((product, dim) => product * dim, 1);
  const x = { data: new BigInt64Array(elements), shape };
  const { code, message } = await rejection(model.infer({ x, factor: [[1]] }));
  assert.is(code, Code.INVALID_ARGUMENT);
  return message;
}

test("a client is told of its own dims, not of the reshaped ones", async () => {
  await using model = await load(fixture("tf-reshaped"));
  assert.equal(
    model.metadata.inputs.map(({ shape }) => shape),
    [
      [-1, 2, -1, 3, -1],
      [-1, 1],
    ],
  );
  assert.match(await told(model, [1, 1, 2, 4, 1, 3, 5]), "Expected [-1,2,-1,3,-1], got [1,1,2,4,1,3,5]");
  assert.match(await told(model, [1, 2, 4, 2, 5]), "Expected [-1,2,-1,3,-1], got [1,2,4,2,5]");
});

test("a batch without rows is refused", async () => {
  await using model = await load(fixture("tf-variable-dims"));
  const x = { data: new Float32Array(0), shape: [0, 2, 3] };
  const { code, message } = await rejection(model.infer({ x }));
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.match(
    message,
    "input byte size mismatch for input 'x' for model 'tf-variable-dims'. Expected 24, got 0",
  );
});

test.run();
