import { dirname } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { Repository } from "../../src/model/repository.js";
import { fixture, fixtureCases } from "../support/fixtures.js";

// What an engine cannot do becomes an error with a code and the engine's own words, and the model lives on.

const faults: { model: string; why: string; input: Tensor[]; code: Code; message: RegExp }[] = [
  {
    model: "tf-zeros",
    why: "memory runs out",
    input: [counting("count", 2n ** 45n)],
    code: Code.RESOURCE_EXHAUSTED,
    message: /OOM when allocating tensor/,
  },
  {
    model: "torch-zeros",
    why: "memory runs out",
    input: [counting("INPUT__0", 2n ** 45n)],
    code: Code.RESOURCE_EXHAUSTED,
    message: /can't allocate memory/,
  },
  {
    model: "tf-matmul",
    why: "shapes do not fit inside an op",
    input: [floats("a", [2, 3]), floats("b", [4, 5])],
    code: Code.INTERNAL,
    message: /Matrix size-incompatible|Incompatible shapes/i,
  },
  {
    model: "torch-matmul",
    why: "shapes do not fit inside an op",
    input: [floats("a", [2, 3]), floats("b", [4, 5])],
    code: Code.INTERNAL,
    message: /PyTorch execute failure: .*shapes cannot be multiplied/s,
  },
  {
    model: "torch-raises",
    why: "forward raises",
    input: [new Tensor("INPUT__0", "FP32", [1, 2], new Uint8Array(Float32Array.of(-1, -1).buffer))],
    code: Code.INTERNAL,
    message: /PyTorch execute failure: .*the sum must not be negative/s,
  },
];

for (const { model: name, why, input, code, message } of faults) {
  test(`${name}: ${why}`, async () => {
    const repository = new Repository(dirname(fixture(name)), { models: [name] });
    assert.equal(await repository.load(), []);
    const model = repository.model(name);
    const error = await model.infer({ id: "", inputs: input }).catch((thrown) => thrown);
    assert.instance(error, ServingError);
    assert.is(error.code, code, error.message);
    assert.match(error.message, message);
    const [good] = fixtureCases(name);
    assert.is((await model.infer({ id: "", inputs: good!.inputs })).modelName, name);
    await repository.close();
  });
}

function counting(name: string, count: bigint): Tensor {
  return new Tensor(name, "INT64", [1], new Uint8Array(BigInt64Array.of(count).buffer));
}

function floats(name: string, shape: [number, number]): Tensor {
  return new Tensor(name, "FP32", shape, new Uint8Array(4 * shape[0] * shape[1]));
}

test.run();
