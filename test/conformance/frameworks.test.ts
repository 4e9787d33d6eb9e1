import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import { load } from "../../src/index.js";
import { assertTensors } from "../support/compare.js";
import { fixture, fixtureCases } from "../support/fixtures.js";
import { TemporaryRepository } from "../support/repository.js";

/** Configurations that have to name the graph or the signature, by fixture and case. */
const parameters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "tf-signatures": { negate: "TF_SIGNATURE_DEF", weigh: "TF_SIGNATURE_DEF" },
  "tf-tags": { alternative: "TF_GRAPH_TAG" },
  "tf-tag-sets": { tpu: "TF_GRAPH_TAG" },
};
/** Refused at load; tests of their own say with which words. */
const refused = [
  "tf-graphdef-truncated",
  "torch-identity-uint16",
  "torch-identity-uint32",
  "torch-identity-uint64",
];

/** The cases are the requests of one batch, and the answers depend on it. */
const oneBatch = ["tf-batch-inputs-fp32", "tf-batch-inputs-int32"];

for (const [framework, first] of [
  ["TensorFlow", "tf-add"],
  ["torch", "torch-add"],
] as const) {
  const test = suite(`answers as ${framework} does in Python`);
  for (const name of readdirSync(dirname(fixture(first))).sort()) {
    const cases = fixtureCases(name);
    if (cases.length === 0 || refused.includes(name)) continue;
    test(name, async () => {
      const usual = cases.filter((each) => !parameters[name]?.[each.name]);
      await using model = await load(fixture(name));
      if (oneBatch.includes(name)) await Promise.all(usual.map((each) => check(model, each)));
      else for (const each of usual) await check(model, each);
    });
  }
  for (const [name, byCase] of Object.entries(parameters)) {
    if (framework !== "TensorFlow") continue;
    for (const each of fixtureCases(name)) {
      const key = byCase[each.name];
      if (key) test(`${name} with ${key} ${each.name}`, () => checkWithParameter(name, key, each));
    }
  }
  test.run();
}

type Case = ReturnType<typeof fixtureCases>[number];

async function check(model: Awaited<ReturnType<typeof load>>, { inputs, outputs }: Case): Promise<void> {
  const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
  assertTensors(Object.values(answer), outputs);
}

async function checkWithParameter(name: string, key: string, each: Case): Promise<void> {
  const config = `parameters { key: "${key}" value { string_value: "${each.name}" } }\n`;
  const repository = new TemporaryRepository({ model: { fixture: name, files: { "config.pbtxt": config } } });
  try {
    await using model = await load(join(repository.path, "model"));
    await check(model, each);
  } finally {
    repository.remove();
  }
}
