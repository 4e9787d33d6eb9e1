import { test } from "uvu";
import * as assert from "uvu/assert";
import { checkSupport } from "../../src/config/check-support.js";
import { fieldSupport } from "../../src/config/field-support.js";
import { type MessageSchema, modelConfigSchema } from "../../src/config/message-schema.js";
import type { ModelConfig } from "../../src/config/model-config.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const runnable = { backend: "tensorflow", platform: "tensorflow_savedmodel" };
const supported = (text: string, over: Partial<ModelConfig> = {}) =>
  checkSupport({ ...configOf(text), ...runnable, ...over });

/** Fields in no row of the table, neither themselves nor through all their members. */
function uncovered(schema: MessageSchema, prefix: string): string[] {
  const rows = fieldSupport.map(({ field }) => field);
  return [...schema.fields.values()].flatMap(({ name, type }) => {
    const field = `${prefix}${name}`;
    if (rows.includes(field)) return [];
    const isSplit = rows.some((row) => row.startsWith(`${field}.`));
    return isSplit && type.kind === "message" ? uncovered(type.message, `${field}.`) : [field];
  });
}

test("every field of ModelConfig is in the table", () => {
  assert.equal(uncovered(modelConfigSchema(), ""), []);
});

test("every row of the table is a field of ModelConfig, once", () => {
  const rows = fieldSupport.map(({ field }) => field);
  assert.equal(new Set(rows).size, rows.length);
  for (const row of rows) {
    let schema: MessageSchema | undefined = modelConfigSchema();
    for (const name of row.split(".")) {
      const type: NonNullable<ReturnType<MessageSchema["fields"]["get"]>>["type"] | undefined =
        schema?.fields.get(name)?.type;
      assert.ok(type, row);
      schema = type?.kind === "message" ? type.message : undefined;
    }
  }
});

test("every row that is not acted on says why", () => {
  for (const { field, support, reason } of fieldSupport) {
    assert.is(reason === undefined, support === "acted on", field);
  }
});

// One text for each row: what a user writes to get the warning or the rejection.
const examples: Readonly<Record<string, string>> = {
  cc_model_filenames: 'cc_model_filenames { key: "8.6" value: "ampere.pt" }',
  runtime: 'runtime: "model.py"',
  "input.is_shape_tensor": 'input { name: "x" is_shape_tensor: true }',
  "input.is_non_linear_format_io": 'input { name: "x" is_non_linear_format_io: true }',
  "output.is_shape_tensor": 'output { name: "y" is_shape_tensor: true }',
  "output.is_non_linear_format_io": 'output { name: "y" is_non_linear_format_io: true }',
  sequence_batching: "sequence_batching {}",
  ensemble_scheduling: "ensemble_scheduling {}",
  "model_operations.op_library_filename": 'model_operations { op_library_filename: "zip.so" }',
  "model_transaction_policy.decoupled": "model_transaction_policy { decoupled: true }",
  model_repository_agents: 'model_repository_agents { agents { name: "checksum" } }',
  "response_cache.enable": "response_cache { enable: true }",
  model_metrics: 'model_metrics { metric_control { metric_identifier { family: "f" } } }',
  "instance_group.secondary_devices": 'instance_group { name: "g" secondary_devices {} }',
  "instance_group.profile": 'instance_group { name: "g" profile: "0" }',
  "instance_group.host_policy": 'instance_group { name: "g" host_policy: "numa0" }',
  "optimization.priority": "optimization { priority: PRIORITY_MAX }",
  "optimization.cuda": "optimization { cuda {} }",
  "optimization.execution_accelerators.gpu_execution_accelerator":
    'optimization { execution_accelerators { gpu_execution_accelerator { name: "tensorrt" } } }',
  "optimization.execution_accelerators.cpu_execution_accelerator":
    'optimization { execution_accelerators { cpu_execution_accelerator { name: "openvino" } } }',
  "optimization.input_pinned_memory": "optimization { input_pinned_memory { enable: true } }",
  "optimization.output_pinned_memory": "optimization { output_pinned_memory { enable: true } }",
  "optimization.gather_kernel_buffer_threshold": "optimization { gather_kernel_buffer_threshold: 1 }",
  "optimization.eager_batching": "optimization { eager_batching: true }",
};

const torch = { backend: "pytorch", platform: "pytorch_libtorch" };

for (const { field, support } of fieldSupport) {
  if (support === "acted on") continue;
  test(`${field} is ${support} by name`, () => {
    const text = examples[field];
    assert.ok(text, "add an example to this test");
    // Of accelerators, TensorFlow's own check tells: see tensorflow-accelerators.
    const over = field.startsWith("optimization.execution_accelerators") ? torch : {};
    if (support === "rejected") {
      rejects(
        () => supported(text as string, over),
        Code.UNIMPLEMENTED,
        new RegExp(`^model 'm': '${field}'.*not supported: `),
      );
      return;
    }
    const warnings = supported(text as string, over);
    assert.is(warnings.length, 1);
    assert.match(warnings[0] as string, new RegExp(`^model 'm': '${field}'.*has no effect: `));
  });
}

test("fields at the value that means nothing pass", () => {
  const text = `
    input { name: "x" } output { name: "y" } instance_group { count: 1 }
    response_cache { enable: false } model_transaction_policy { decoupled: false } model_operations {}
    model_repository_agents {} optimization { graph { level: 1 } input_pinned_memory { enable: false } }`;
  assert.equal(supported(text), []);
});

test("each use of a field is named", () => {
  const text =
    'instance_group [ { name: "a" host_policy: "p" }, { name: "b" }, { name: "c" host_policy: "p" } ]';
  assert.equal(supported(text), [
    "model 'm': 'instance_group.host_policy' ('a') has no effect: instances run on any core",
    "model 'm': 'instance_group.host_policy' ('c') has no effect: instances run on any core",
  ]);
});

const parameter = (key: string) => `parameters { key: "${key}" value { string_value: "x" } }`;

test("a parameter that has no effect is warned about, and one that has, or that nobody knows, is not", () => {
  assert.match(
    supported(parameter("TRITON_BATCH_STRATEGY_PATH"), torch)[0] as string,
    /parameter 'TRITON_BATCH_STRATEGY_PATH' has no effect/,
  );
  assert.equal(supported(parameter("DISABLE_CUDNN"), torch), []);
  assert.equal(supported(parameter("MY_OWN")), []);
});

test("backends and platforms that do not run are named", () => {
  const fails = (platform: string, backend: string, message: RegExp) =>
    rejects(() => supported("", { platform, backend }), Code.UNIMPLEMENTED, message);
  fails("ensemble", "", /platform 'ensemble'/);
  fails("torch_aoti", "tensorflow", /platform 'torch_aoti' of backend 'tensorflow' is not implemented/);
});

test("the Python backend's platforms pass, its own models are told what to do", () => {
  for (const platform of ["tensorflow_savedmodel", "pytorch"]) {
    assert.equal(supported("", { platform, backend: "python" }), []);
  }
  assert.equal(supported('runtime: "model.py"', torch), []);
  const expected =
    "Python models with a TritonPythonModel class are not implemented. Expected backend 'python' with platform " +
    "'tensorflow_savedmodel' or 'pytorch': a SavedModel, or a model.py with a torch.nn.Module class, in a process of its own";
  for (const [platform, message] of [
    ["", expected],
    ["sklearn", `Unable to find model(handler) for platform field 'sklearn'; ${expected}`],
  ] as const) {
    rejects(
      () => supported("", { platform, backend: "python" }),
      Code.UNIMPLEMENTED,
      `model 'm': ${message}`,
    );
  }
});

test("another runtime is refused, and so is any of another backend", () => {
  for (const [runtime, over] of [
    ["libtriton_pytorch.so", torch],
    ["model.py", { backend: "pytorch", platform: "torch_aoti" }],
    ["model.py", { backend: "python", platform: "pytorch" }],
  ] as const) {
    rejects(() => supported(`runtime: "${runtime}"`, over), Code.UNIMPLEMENTED, /^model 'm': /);
  }
});

test("parameters of the PyTorch backend's runtime are the Python backend's", () => {
  const text = `runtime: "model.py" ${parameter("FORCE_CPU_ONLY_INPUT_TENSORS")} ${parameter("DISABLE_CUDNN")}`;
  assert.equal(supported(text, torch), [
    "model 'm': parameter 'FORCE_CPU_ONLY_INPUT_TENSORS' has no effect: inputs go to where the model is",
  ]);
});

test.run();
