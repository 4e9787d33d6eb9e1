import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ModelConfig } from "../../src/config/model-config.js";
import { chooseSignature, readSavedModel } from "../../src/config/saved-model-signature.js";
import { validate } from "../../src/config/validate.js";
import type { EngineLoadRequest } from "../../src/engine/engine-load-request.js";
import type { EngineModel, EngineOutput, EngineRequest } from "../../src/engine/engine-model.js";
import { loadTensorflowModel } from "../../src/engine/load-tensorflow-model.js";
import { loadTorchModel } from "../../src/engine/load-torch-model.js";
import { load } from "../../src/index.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { rejection } from "../model/make-model.js";
import { assertTensors } from "../support/compare.js";
import { artifact, type FixtureCase, fixtureCases } from "../support/fixtures.js";
import { modelConfig } from "../support/model-config.js";
import { TemporaryRepository } from "../support/repository.js";

// An engine takes the controls of `sequence_batching` as inputs behind the configured ones. Who fills them is not its
// business; here the test does, with what the model was given in Python.

/** By fixture: the type of the flags with their values, and that of the correlation id. */
const variants = {
  "tf-sequence-controls-int32": ["int32_false_true: [0, 1]", "TYPE_UINT64"],
  "tf-sequence-controls-fp32": ["fp32_false_true: [0, 1]", "TYPE_INT32"],
  "tf-sequence-controls-bool": ["bool_false_true: [false, true]", "TYPE_STRING"],
} as const;

type Variant = keyof typeof variants;

function controls(name: Variant): string {
  const [flag, correlation] = variants[name];
  const kinds = { START: flag, READY: flag, END: flag, CORRID: `data_type: ${correlation}` };
  return Object.entries(kinds)
    .map(
      ([kind, fields]) =>
        `control_input { name: "${kind}" control { kind: CONTROL_SEQUENCE_${kind} ${fields} } }`,
    )
    .join("\n");
}

const tensors = (name: Variant) => `
  input { name: "INPUT" data_type: TYPE_INT32 dims: 1 }
  output [ { name: "OUTPUT" data_type: TYPE_INT32 dims: 1 }, { name: "ID" data_type: ${variants[name][1]} dims: 1 } ]
`;

function configured(name: Variant): ModelConfig {
  const config = modelConfig(`
    name: "m" backend: "tensorflow" platform: "tensorflow_savedmodel" max_batch_size: 4
    ${tensors(name)}
    sequence_batching { ${controls(name)} }
  `);
  validate(config, []);
  return config;
}

function request(config: ModelConfig, path: string): EngineLoadRequest {
  const isSavedModel = config.platform === "tensorflow_savedmodel";
  const graphs = () => readSavedModel(readFileSync(join(path, "saved_model.pb")));
  return {
    savedModel: isSavedModel ? chooseSignature(graphs(), config) : undefined,
    graphHash: undefined,
    modelName: config.name,
    modelVersion: 1,
    path,
    directory: dirname(dirname(path)),
    config,
    settings: new Map<string, string>(),
    instances: [{ name: "m", kind: "KIND_CPU", device: 0 }],
    coalesceRows: 0,
    warn() {},
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  };
}

/** Runs a case's rows as one request each, all in one batch. */
async function run(engine: EngineModel, { inputs }: FixtureCase): Promise<(readonly EngineOutput[])[]> {
  const rows = inputs[0]?.shape[0] as number;
  const outcomes: Promise<readonly EngineOutput[]>[] = [];
  const requests: EngineRequest[] = [];
  for (let row = 0; row < rows; row++) {
    outcomes.push(
      new Promise((resolve, reject) => {
        requests.push({
          rows: 1,
          inputs: engine.inputs.map(({ name }) => bytesOfRow(named(inputs, name), row)),
          shapes: engine.inputs.map(() => [1, 1]),
          outputs: undefined,
          settle: (error, outputs) => (error === undefined ? resolve(outputs) : reject(error)),
        });
      }),
    );
  }
  engine.execute(requests);
  return Promise.all(outcomes);
}

function named(inputs: readonly Tensor[], name: string): Tensor {
  return inputs.find((input) => input.name === name) as Tensor;
}

function bytesOfRow({ datatype, bytes, shape }: Tensor, row: number): Uint8Array {
  if (datatype !== "BYTES") {
    const size = bytes.byteLength / (shape[0] as number);
    return bytes.slice(row * size, (row + 1) * size);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let begin = 0;
  for (let i = 0; i < row; i++) begin += 4 + view.getUint32(begin, true);
  return bytes.slice(begin, begin + 4 + view.getUint32(begin, true));
}

for (const name of Object.keys(variants) as Variant[]) {
  test(`${name}: controls reach the model behind its inputs, and answers are TensorFlow's`, async () => {
    const engine = await loadTensorflowModel(request(configured(name), artifact(name)));
    try {
      assert.equal(
        engine.inputs.map(({ name, shape }) => [name, shape]),
        ["INPUT", "START", "READY", "END", "CORRID"].map((each) => [each, [-1, 1]]),
      );
      const [only] = fixtureCases(name) as [FixtureCase];
      const answers = await run(engine, only);
      const joined = engine.outputs.map((output, i) => {
        const parts = answers.map((answer) => (answer[i] as EngineOutput).bytes);
        return new Tensor(output.name, output.datatype, [answers.length, 1], Buffer.concat(parts));
      });
      assertTensors(joined, only.outputs);
    } finally {
      await engine.close();
    }
  });
}

test("a control of another type than the model's is refused when it is loaded", async () => {
  const error = await rejection(
    loadTensorflowModel(
      request(configured("tf-sequence-controls-fp32"), artifact("tf-sequence-controls-int32")),
    ),
  );
  assert.is(error.code, Code.INVALID_ARGUMENT);
  assert.match(error.message, /expects datatype TYPE_FP32 for input 'START', model provides TYPE_INT32/);
});

test("TorchScript takes controls as arguments by index", async () => {
  const config = modelConfig(`
    name: "m" backend: "pytorch" platform: "pytorch_libtorch" max_batch_size: 4
    input { name: "INPUT__0" data_type: TYPE_FP32 dims: 1 }
    output [ { name: "SUM__0" data_type: TYPE_FP32 dims: 1 }, { name: "DIFFERENCE__1" data_type: TYPE_FP32 dims: 1 } ]
    sequence_batching {
      control_input { name: "START__1" control { kind: CONTROL_SEQUENCE_START fp32_false_true: [0, 1] } }
    }
  `);
  const engine = await loadTorchModel(request(config, artifact("torch-add")));
  try {
    const inputs = [
      new Tensor("INPUT__0", "FP32", [2, 1], new Uint8Array(Float32Array.of(5, 7).buffer)),
      new Tensor("START__1", "FP32", [2, 1], new Uint8Array(Float32Array.of(1, 0).buffer)),
    ];
    const answers = await run(engine, { name: "", inputs, outputs: [] });
    const numbers = answers.map((answer) =>
      answer.map(({ bytes }) => new Float32Array(bytes.slice().buffer)[0]),
    );
    assert.equal(numbers, [
      [6, 4],
      [7, 7],
    ]);
  } finally {
    await engine.close();
  }
});

test("a model with sequence batching is refused as long as nothing schedules sequences", async () => {
  for (const strategy of ["", "direct { }", "oldest { max_candidate_sequences: 4 }"]) {
    const name = "tf-sequence-controls-int32";
    const config = `max_batch_size: 4 ${tensors(name)} sequence_batching { ${strategy} ${controls(name)} }`;
    const repository = new TemporaryRepository({
      model: { fixture: name, files: { "config.pbtxt": config } },
    });
    const error = await rejection(load(`${repository.path}/model`));
    repository.remove();
    assert.instance(error, ServingError);
    assert.is(
      error.message,
      "model 'model': 'sequence_batching' is not supported: the sequence scheduler is not implemented",
    );
  }
});

test.run();
