import { test } from "uvu";
import { normalise } from "../../src/config/normalise.js";
import { validate } from "../../src/config/validate.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

function valid(text: string, gpus: readonly number[] = []): void {
  validate(normalise(configOf(text), gpus), gpus);
}

function invalid(text: string, message: string, gpus: readonly number[] = []): void {
  rejects(() => valid(text, gpus), Code.INVALID_ARGUMENT, message);
}

const input = (fields: string) => `input { name: "X" data_type: TYPE_FP32 ${fields} }`;

test("a whole configuration is valid", () => {
  valid(`
    max_batch_size: 8
    ${input("dims: [-1, 3]")}
    output { name: "Y" data_type: TYPE_STRING dims: 1 reshape { shape: [] } label_filename: "labels/y.txt" }
    instance_group { count: 2 }
    dynamic_batching { preferred_batch_size: [4, 8] }`);
});

test("max_batch_size is not negative", () => {
  invalid("max_batch_size: -1", "'max_batch_size' must be non-negative value for m");
});

test("inputs and outputs have name, data type and dims", () => {
  invalid("input { data_type: TYPE_FP32 dims: 1 }", "model input must specify 'name' for m");
  invalid('input { name: "X" dims: 1 }', "model input 'X' must specify 'data_type' for m");
  invalid('input { name: "X" data_type: TYPE_FP32 }', "model input 'X' must specify 'dims' for m");
  invalid("output { data_type: TYPE_FP32 dims: 1 }", "model output must specify 'name' for m");
  invalid('output { name: "X" dims: 1 }', "model output 'X' must specify 'data_type' for m");
  invalid('output { name: "X" data_type: TYPE_FP32 }', "model output 'X' must specify 'dims' for m");
});

test("a dimension is at least 1, or -1", () => {
  for (const dims of ["0", "-2", "[1, 0]"]) {
    invalid(
      input(`dims: ${dims}`),
      "model input 'X' dimension must be integer >= 1, or -1 to indicate a variable-size dimension for m",
    );
  }
});

test("names are used once, but by an input and an output together", () => {
  const tensor = '{ name: "X" data_type: TYPE_FP32 dims: 1 }';
  valid(`input ${tensor} output ${tensor}`);
  invalid(`input [${tensor}, ${tensor}]`, "model input 'X' is specified more than once for m");
  invalid(`output [${tensor}, ${tensor}]`, "model output 'X' is specified more than once for m");
});

test("a reshape keeps the number of elements", () => {
  valid(input("dims: [4, 3] reshape { shape: [2, 6] }"));
  invalid(
    input("dims: [4, 3] reshape { shape: [5] }"),
    "model input 'X' has different size for dims and reshape for m",
  );
});

test("a reshape keeps variable dimensions, and the elements between them", () => {
  valid(input("dims: [-1, 4, -1, 2] reshape { shape: [-1, 2, 2, -1, 2] }"));
  invalid(
    input("dims: [-1, 4] reshape { shape: [-1, -1] }"),
    "model input 'X' has different number of variable-size dimensions for dims and reshape for m",
  );
  invalid(
    input("dims: [-1, 4, -1, 2] reshape { shape: [-1, 2, -1, 4] }"),
    "model input 'X' has different size for dims and reshape for m",
  );
  invalid(
    input("dims: [4] reshape { shape: [0] }"),
    "model input 'X' reshape dimensions must be integer >= 1, or -1 to indicate a variable-size dimension for m",
  );
});

test("an empty reshape needs a batch dimension and one element", () => {
  valid(`max_batch_size: 1 ${input("dims: [1] reshape { shape: [] }")}`);
  invalid(
    input("dims: [1] reshape { shape: [] }"),
    "model input 'X' cannot have empty reshape for non-batching model as scalar tensors are not supported for m",
  );
  invalid(
    `max_batch_size: 1 ${input("dims: [2] reshape { shape: [] }")}`,
    "model input 'X' has different size for dims and reshape for m",
  );
});

test("image formats have three dims", () => {
  valid(input("dims: [3, 8, 8] format: FORMAT_NCHW"));
  invalid(input("dims: [8, 8] format: FORMAT_NHWC"), "model input NHWC/NCHW require 3 dims for m");
});

test("TensorRT's kinds of tensors are refused", () => {
  invalid(
    input("dims: 1 is_shape_tensor: true"),
    "shape tensors are only supported for TensorRT platform for m",
  );
  invalid(
    input("dims: 1 is_non_linear_format_io: true"),
    "Non-linear IO format is only supported for the TensorRT platform for m",
  );
});

test("a label file lies in the model's directory", () => {
  const labelled = (path: string) =>
    `output { name: "Y" data_type: TYPE_FP32 dims: 1 label_filename: "${path}" }`;
  valid(labelled("a/../labels.txt"));
  for (const path of ["../labels.txt", "a/../../labels.txt", "/etc/passwd"]) {
    rejects(
      () => valid(labelled(path)),
      Code.UNIMPLEMENTED,
      `label file path '${path}' for output 'Y' in model 'm' is outside model directory`,
    );
  }
});

const batching = (fields: string) => `max_batch_size: 8 dynamic_batching { ${fields} }`;

test("preferred batch sizes are between 1 and max_batch_size", () => {
  invalid(batching("preferred_batch_size: [4, 0]"), "dynamic batching preferred size must be positive for m");
  invalid(
    batching("preferred_batch_size: 9"),
    "dynamic batching preferred size must be <= max batch size for m",
  );
});

test("priority levels count from 1", () => {
  valid(batching("priority_levels: 3 default_priority_level: 3 priority_queue_policy { key: 1 value {} }"));
  invalid(batching("priority_levels: 3"), "default priority level must be in range [1, 3] for m");
  invalid(
    batching("priority_levels: 3 default_priority_level: 4"),
    "default priority level must be in range [1, 3] for m",
  );
  invalid(
    batching("priority_levels: 2 default_priority_level: 1 priority_queue_policy { key: 3 value {} }"),
    "priority queue policy must have priority level in range [1, 2] for m",
  );
});

test("an order cannot be preserved among priorities or past delayed requests", () => {
  valid(batching("preserve_ordering: true priority_levels: 1 default_priority_level: 1"));
  invalid(
    batching("preserve_ordering: true priority_levels: 2 default_priority_level: 1"),
    "Only one priority level is allowed when 'preserve_ordering' is true for m",
  );
  invalid(
    batching("preserve_ordering: true default_queue_policy { timeout_action: DELAY }"),
    "Queue policy can not have DELAY as timeout action when 'preserve_ordering' is true for m",
  );
});

const group = (fields: string) => `instance_group { name: "G" ${fields} }`;

test("instance groups fit the machine's GPUs", () => {
  valid(group("kind: KIND_GPU gpus: 1"), [0, 1]);
  invalid(
    group("kind: KIND_GPU"),
    "instance group G of model m has kind KIND_GPU but no GPUs are available: `tandem doctor` tells of GPUs and of " +
      "engines built for them",
  );
  invalid(
    group("kind: KIND_GPU gpus: [0, 2]"),
    "instance group G of model m specifies invalid or unsupported gpu id 2. GPUs available are: 0, 1",
    [0, 1],
  );
});

test("only GPU groups list GPUs", () => {
  invalid(
    group("kind: KIND_CPU gpus: 0"),
    "instance group G of model m has kind KIND_CPU but specifies one or more GPUs",
    [0],
  );
  invalid(
    group("kind: KIND_MODEL gpus: 0"),
    "instance group G of model m has kind KIND_MODEL but specifies one or more GPUs",
    [0],
  );
});

test("some group takes requests", () => {
  valid("instance_group [ { passive: true }, {} ]");
  invalid(
    group("passive: true"),
    "every instance group of model m is passive, expected at least one that takes requests",
  );
});

test("a configuration that was not normalised has no instance groups", () => {
  rejects(
    () => validate(configOf(""), []),
    Code.INVALID_ARGUMENT,
    "must specify one or more 'instance group's for m",
  );
});

test("metric controls are whole", () => {
  const control = (fields: string) => `model_metrics { metric_control { ${fields} } }`;
  const family = 'metric_identifier { family: "f" }';
  valid(control(`${family} histogram_options { buckets: [1, 2.5] }`));
  invalid(control(""), "metric control must specify 'metric_identifier'");
  invalid(control("metric_identifier {}"), "metric identifier must specify non-empty 'family'");
  invalid(control(family), "metric control must specify 'histogram_options'");
  invalid(control(`${family} histogram_options {}`), "histogram options must specify non-empty 'buckets'");
});

test.run();
