import { suite } from "uvu";
import { assertTensors } from "../support/compare.js";
import { fixtureCases } from "../support/fixtures.js";
import { loadIsolated } from "../support/isolated-model.js";

/** One for each kind of tensor, of state and of what is made of a batch. */
const models = [
  "tf-identity-bool",
  "tf-identity-bf16",
  "tf-identity-uint64",
  "tf-text",
  "tf-zeros",
  "tf-scalar",
  "tf-keeps-input",
  "tf-counter",
  "tf-variable-dims",
  "tf-graphdef-add",
  "tf-batch-inputs-int32",
  "torch-strings-batched",
  "torch-dict",
  "torch-dict-output",
  "torch-in-place",
  "torch-passthrough",
  "torch-weights",
];

const test = suite("answers of a model in a process of its own are the framework's");
for (const name of models) {
  test(name, async () => {
    await using model = await loadIsolated(name);
    const answers = fixtureCases(name).map(({ inputs }) =>
      model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor]))),
    );
    for (const [index, { outputs }] of fixtureCases(name).entries()) {
      assertTensors(Object.values(await (answers[index] as Promise<object>)), outputs);
    }
  });
}
test.run();
