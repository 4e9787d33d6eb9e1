/**
 * Auto-complete with SavedModels that TensorFlow made, through `tandem serve`: what `GET /v2/models/M/config` shows, and
 * that the model answers so, or why it cannot be loaded. Once for each value of the options that matter.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertTensors } from "../support/compare.js";
import { fixtureCases } from "../support/fixtures.js";
import {
  inferRemotely,
  type RemoteConfig,
  type RemoteTensor,
  remoteConfig,
  remoteFailures,
} from "../support/remote-model.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

/** What a configuration of these fields becomes. */
interface Completion {
  readonly fixture: string;
  /** As in config.pbtxt; "": there is none. */
  readonly config: string;
  /** Why the model cannot be loaded. */
  readonly error?: string;
  readonly maxBatchSize?: number;
  /** Name and dims, and the reshape where there is one. */
  readonly input?: readonly unknown[];
  readonly output?: readonly unknown[];
  /** Preferred batch sizes; undefined without dynamic batching. */
  readonly preferred?: readonly number[];
  /** A case of the fixture, whose outputs listed here have to come. */
  readonly answers?: string;
}

const both = (name: string, ...dims: number[]) => [0, 1].map((index) => [`${name}${index}`, dims]);
const parameter = (key: string, value: string) =>
  `parameters { key: "${key}" value { string_value: "${value}" } }`;
const batched: Partial<Completion> = {
  maxBatchSize: 4,
  input: both("INPUT", 16),
  output: both("OUTPUT", 16),
  preferred: [4],
};

const usual: Readonly<Record<string, Completion>> = {
  "without a configuration": { fixture: "tf-add", config: "", ...batched, answers: "batch of 3" },
  "with one of nothing": {
    fixture: "tf-add",
    config: "max_batch_size: 0",
    ...batched,
    answers: "batch of 1",
  },
  "max_batch_size 1: no dynamic batching": {
    fixture: "tf-add",
    config: "max_batch_size: 1",
    ...batched,
    maxBatchSize: 1,
    preferred: undefined as never,
    answers: "batch of 1",
  },
  "max_batch_size 3": {
    fixture: "tf-add",
    config: "max_batch_size: 3",
    ...batched,
    maxBatchSize: 3,
    preferred: [3],
  },
  "a scheduler of its own stays": {
    fixture: "tf-add",
    config: "dynamic_batching { preferred_batch_size: [ 2 ] }",
    ...batched,
    preferred: [2],
  },
  "max_batch_size where the model has no batches": {
    fixture: "tf-unbatched",
    config: "max_batch_size: 8",
    error:
      "unable to autofill for 'M', configuration specified max-batch 8 but model signature does not support batching",
  },
  "no batches": {
    fixture: "tf-unbatched",
    config: "",
    maxBatchSize: 0,
    input: [["x", [4, 2]]],
    output: [["sum", [2]]],
    answers: "any",
  },
  "one output listed: only that": {
    fixture: "tf-add",
    config: 'output { name: "OUTPUT1" }',
    ...batched,
    output: [["OUTPUT1", [16]]],
    answers: "batch of 3",
  },
  "one output listed with its batch dimension: no batches": {
    fixture: "tf-add",
    config: 'output { name: "OUTPUT1" dims: [ -1, 16 ] }',
    maxBatchSize: 0,
    input: both("INPUT", -1, 16),
    output: [["OUTPUT1", [-1, 16]]],
    answers: "batch of 3",
  },
  "one input listed: first, and the other behind it": {
    fixture: "tf-add",
    config: 'input { name: "INPUT1" dims: [ 4, 4 ] reshape { shape: 16 } }',
    ...batched,
    input: [
      ["INPUT1", [4, 4], [16]],
      ["INPUT0", [16]],
    ],
  },
  "tensors that contradict each other": {
    fixture: "tf-add",
    config: 'input { name: "INPUT0" dims: 16 } output { name: "OUTPUT0" dims: [ -1, 16 ] }',
    error:
      "unable to autofill for 'M', model tensor configurations are contradicting each other in terms of whether batching is supported",
  },
  "an output that is not the model's": {
    fixture: "tf-add",
    config: 'max_batch_size: 4 output { name: "OTHER" data_type: TYPE_FP32 dims: 16 }',
    error: "unexpected inference output 'OTHER', allowed outputs are: OUTPUT0, OUTPUT1",
  },
  "a data type that is not the model's": {
    fixture: "tf-add",
    config: 'input { name: "INPUT0" data_type: TYPE_INT32 }',
    error: "configuration expects datatype TYPE_INT32 for input 'INPUT0', model provides TYPE_FP32",
  },
  "a scalar": {
    fixture: "tf-scalar-unconfigured",
    config: "",
    error: "Unable to autofill for 'M': the rank of model tensor 'x' is 0 and dimensions are not defined",
  },
  "an unknown rank": {
    fixture: "tf-unknown-rank",
    config: "max_batch_size: 0",
    error: "Unable to autofill for 'M': the rank of model tensor 'x' is 0 and dimensions are not defined",
  },
  "an unknown rank as output": {
    fixture: "tf-unknown-rank",
    config: 'input { name: "x" dims: [ -1, 2 ] }',
    error: "Unable to autofill for 'M': the rank of model tensor 'y' is 0 which is not supported",
  },
  "nothing but the batch dimension": {
    fixture: "tf-batch-only",
    config: "",
    maxBatchSize: 4,
    input: [["x", [1], []]],
    output: [["y", [1], []]],
    preferred: [4],
    answers: "two rows, as completed: dims [1] reshaped to []",
  },
  "an input that is made from the batch is not the client's": {
    fixture: "tf-ragged",
    config: `max_batch_size: 8
      input { name: "x" dims: -1 allow_ragged_batch: true }
      output { name: "sum" }
      batch_input {
        kind: BATCH_ACCUMULATED_ELEMENT_COUNT_WITH_ZERO target_name: "bounds"
        data_type: TYPE_INT32 source_input: "x"
      }`,
    maxBatchSize: 8,
    input: [["x", [-1]]],
    output: [["sum", [1], []]],
    preferred: [8],
    answers: "request 0 of 3",
  },
  "variable dimensions": {
    fixture: "tf-variable-dims",
    config: "",
    maxBatchSize: 4,
    input: [["x", [-1, 3]]],
    output: [
      ["doubled", [-1, 3]],
      ["sum", [3]],
    ],
    preferred: [4],
    answers: "2x5x3",
  },
  "the signature that is named": {
    fixture: "tf-signatures",
    config: parameter("TF_SIGNATURE_DEF", "weigh"),
    maxBatchSize: 4,
    input: [
      ["weight", [1]],
      ["x", [3]],
    ],
    output: [["weighed", [3]]],
    preferred: [4],
    answers: "weigh",
  },
  "a signature that is not there": {
    fixture: "tf-signatures",
    config: parameter("TF_SIGNATURE_DEF", "none"),
    error:
      "unable to load model 'M', expected 'none' signature; the model has: '__saved_model_init_op', 'negate', 'serving_default', 'weigh'",
  },
  "the tag that is named, by itself": {
    fixture: "tf-tag-sets",
    config: parameter("TF_GRAPH_TAG", "serve"),
    maxBatchSize: 4,
    input: [["x", [2]]],
    output: [["y", [2]]],
    preferred: [4],
    answers: "serve",
  },
  "the tag that is named, one of several, and its first signature": {
    fixture: "tf-tag-sets",
    config: parameter("TF_GRAPH_TAG", "tpu"),
    maxBatchSize: 4,
    input: [["x", [2]]],
    output: [["y", [2]]],
    preferred: [4],
    answers: "tpu",
  },
  "a tag that is not there": {
    fixture: "tf-tag-sets",
    config: parameter("TF_GRAPH_TAG", "none"),
    error: "unable to load model 'M', expected 'none' tag; the model has: 'serve', 'serve, tpu'",
  },
  "a parameter that is no number": {
    fixture: "tf-add",
    config: parameter("TF_NUM_INTRA_THREADS", "2x"),
    error:
      "parameter 'TF_NUM_INTRA_THREADS' must be non-negative number for TensorFlow model 'M': failed to convert '2x' to integral number",
  },
};

const sizedBy = (size: number): Readonly<Record<string, Completion>> => ({
  "the default size of batches": {
    fixture: "tf-add",
    config: "",
    ...batched,
    maxBatchSize: size,
    preferred: size > 1 ? [size] : (undefined as never),
    answers: "batch of 1",
  },
});

const withoutBatches: Readonly<Record<string, Completion>> = {
  "every dimension is the client's": {
    fixture: "tf-add",
    config: "",
    maxBatchSize: 0,
    input: both("INPUT", -1, 16),
    output: both("OUTPUT", -1, 16),
    answers: "batch of 3",
  },
  "nothing but a variable dimension": {
    fixture: "tf-batch-only",
    config: "",
    maxBatchSize: 0,
    input: [["x", [-1]]],
    output: [["y", [-1]]],
  },
};

const strict: Readonly<Record<string, Completion>> = {
  "without a configuration": { fixture: "tf-add", config: "", error: "model 'M' has no config.pbtxt" },
  "a complete configuration": {
    fixture: "tf-add-int32",
    config: "as it is",
    maxBatchSize: 8,
    input: both("INPUT", 16),
    output: both("OUTPUT", 16),
    answers: "batch of 3",
  },
  "an incomplete configuration": {
    fixture: "tf-add",
    config: 'max_batch_size: 4 input { name: "INPUT0" dims: 16 }',
    error: "model input 'INPUT0' must specify 'data_type' for M",
  },
  "a tag that is not there": {
    fixture: "tf-tags",
    config: `${parameter("TF_GRAPH_TAG", "none")} input { name: "x" data_type: TYPE_FP32 dims: 2 }`,
    error: "unable to load model 'M', expected 'none' tag; the model has: 'serve', 'alternative'",
  },
};

for (const [options, completions] of [
  [[], usual],
  [["--backend-config=tensorflow,default-max-batch-size=8"], sizedBy(8)],
  [["--backend-config=default-max-batch-size=1"], sizedBy(1)],
  [["--backend-config=tensorflow,default-max-batch-size=0"], withoutBatches],
  [["--disable-auto-complete-config"], strict],
] as const) {
  const test = suite(options[0] ?? "by default");
  const repository = new TemporaryRepository({});
  const rows = Object.entries(completions).map(([title, row], index) => ({ title, row, name: `m${index}` }));
  for (const { row, name } of rows) {
    const isGiven = row.config !== "" && row.config !== "as it is";
    repository.add(name, { fixture: row.fixture, files: isGiven ? { "config.pbtxt": row.config } : {} });
    if (row.config === "") repository.removeFile(name, "config.pbtxt");
  }
  let server: TestServer;
  let failures: Record<string, string>;
  test.before(async () => {
    server = await TestServer.start(repository.path, ["--exit-on-error=false", ...options]);
    failures = await remoteFailures(server.url);
  });
  for (const { title, row, name } of rows) {
    test(title, async () => {
      if (row.error !== undefined) {
        // A model of which no version was tried has only its name in the index.
        const told = failures[name] || server.log;
        const expected = row.error.replace("'M'", `'${name}'`).replace(/ M$/, ` ${name}`);
        assert.ok(told.includes(expected), told);
        return;
      }
      assert.is(failures[name], undefined);
      assertCompleted(await remoteConfig(server.url, name), row);
      if (row.answers !== undefined) await assertAnswers(server.url, name, row);
    });
  }
  test.after(async () => {
    await server.stop();
    repository.remove();
  });
  test.run();
}

function assertCompleted(config: RemoteConfig, row: Completion): void {
  const summary = (tensors: readonly RemoteTensor[]) =>
    tensors.map(({ name, dims, reshape }) => (reshape ? [name, dims, reshape.shape] : [name, dims]));
  assert.is(config.max_batch_size, row.maxBatchSize);
  assert.equal(summary(config.input), row.input);
  assert.equal(summary(config.output), row.output);
  assert.equal(config.dynamic_batching?.preferred_batch_size, row.preferred);
}

async function assertAnswers(
  url: string,
  name: string,
  { fixture, answers, output = [] }: Completion,
): Promise<void> {
  const found = fixtureCases(fixture).find((each) => each.name === answers);
  assert.ok(found, `fixture ${fixture} has no case '${answers}'`);
  const names = (output as [string][]).map(([listed]) => listed);
  const expected = found!.outputs.filter((tensor) => names.includes(tensor.name));
  assertTensors(await inferRemotely(url, name, found!.inputs), expected);
}
