/** Every datatype through `tandem serve` as binary data, in SavedModels and GraphDefs, and classification over both. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Datatype, datatypeByNumber } from "../../src/inference/datatype.js";
import { assertTensors } from "../support/compare.js";
import { fixtureCases } from "../support/fixtures.js";
import { inferRemotely } from "../support/remote-model.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

const datatypes = datatypeByNumber.slice(1) as Datatype[];
const savedModels = datatypes.map((datatype) => `tf-identity-${datatype.toLowerCase()}`);
const graphDef = "tf-graphdef-dtypes";
const tensor = (name: string, more = "") => `{ name: "${name}" data_type: TYPE_FP32 dims: 16 ${more} }`;
const repository = new TemporaryRepository({
  ...Object.fromEntries([...savedModels, graphDef, "tf-labels"].map((name) => [name, name])),
  "graphdef-labels": {
    fixture: "tf-graphdef-add",
    files: {
      "config.pbtxt": `platform: "tensorflow_graphdef" max_batch_size: 8
        input [ ${tensor("INPUT0")}, ${tensor("INPUT1")} ]
        output [ ${tensor("OUTPUT0", 'label_filename: "labels.txt"')} ]`,
      "labels.txt": Array.from({ length: 16 }, (_, index) => `label ${index}\n`).join(""),
    },
  },
});
const server = await TestServer.start(repository.path);

for (const name of [...savedModels, graphDef]) {
  for (const { name: which, inputs, outputs } of fixtureCases(name)) {
    test(`${name}, ${which}: comes back as it went`, async () => {
      assertTensors(await inferRemotely(server.url, name, inputs), outputs, { absolute: 0, relative: 0 });
    });
  }
}

test("the GraphDef has every datatype", () => {
  const [{ inputs } = { inputs: [] }] = fixtureCases(graphDef);
  assert.equal(inputs.map(({ datatype }) => datatype).sort(), [...datatypes].sort());
});

async function classes(model: string, inputs: object[], output: string): Promise<string[]> {
  const response = await fetch(`${server.url}/v2/models/${model}/infer`, {
    method: "POST",
    body: JSON.stringify({ inputs, outputs: [{ name: output, parameters: { classification: 2 } }] }),
  });
  const answer = (await response.json()) as { outputs: { data: string[] }[] };
  return answer.outputs[0]?.data ?? [];
}

test("a SavedModel's classes have labels, as far as there are any", async () => {
  const x = { name: "x", datatype: "FP32", shape: [2, 4], data: [0, 0.5, 0.25, 0, 0, 0, 1, 2] };
  assert.equal(await classes("tf-labels", [x], "scores"), [
    "0.500000:1:one",
    "0.250000:2:two",
    "2.000000:3",
    "1.000000:2:two",
  ]);
});

test("and so have a GraphDef's", async () => {
  const input = (name: string) => ({ name, datatype: "FP32", shape: [1, 16], data: [...Array(16).keys()] });
  assert.equal(await classes("graphdef-labels", [input("INPUT0"), input("INPUT1")], "OUTPUT0"), [
    "30.000000:15:label 15",
    "28.000000:14:label 14",
  ]);
});

test.after(async () => {
  assert.is(await server.stop(), 0, server.log);
  repository.remove();
});
test.run();
