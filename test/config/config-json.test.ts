import { test } from "uvu";
import * as assert from "uvu/assert";
import { configToJson, numericFields } from "../../src/config/config-json.js";
import { fillPlatform } from "../../src/config/fill-platform.js";
import { loadDescriptor } from "../../src/config/message-schema.js";
import { normalise } from "../../src/config/normalise.js";
import { emptyModelConfig, readModelConfigJson } from "../../src/config/read-model-config.js";
import { configOf, richConfig, sequenceConfig } from "./example-config.js";

// The expected JSON of the next two tests is what tritonserver 2.x answered for these files on a machine without GPUs,
// but for order of members.

const content = [{ name: "model.py", isDirectory: false }];

test("spells a configuration with most fields as Triton does", () => {
  const config = configOf(richConfig);
  assert.equal(configToJson(normalise(fillPlatform(config, "rich", content), [])), {
    name: "rich",
    platform: "",
    backend: "python",
    runtime: "",
    version_policy: {
      specific: {
        versions: [1],
      },
    },
    max_batch_size: 8,
    input: [
      {
        name: "a",
        data_type: "TYPE_FP32",
        format: "FORMAT_NONE",
        dims: [-1, 4],
        is_shape_tensor: false,
        allow_ragged_batch: false,
        optional: false,
        is_non_linear_format_io: false,
      },
      {
        name: "b",
        data_type: "TYPE_STRING",
        format: "FORMAT_NONE",
        dims: [1],
        reshape: {
          shape: [],
        },
        is_shape_tensor: false,
        allow_ragged_batch: false,
        optional: true,
        is_non_linear_format_io: false,
      },
    ],
    output: [
      {
        name: "o",
        data_type: "TYPE_BF16",
        dims: [2],
        label_filename: "l.txt",
        is_shape_tensor: false,
        is_non_linear_format_io: false,
      },
    ],
    batch_input: [],
    batch_output: [],
    optimization: {
      graph: {
        level: 1,
      },
      priority: "PRIORITY_DEFAULT",
      cuda: {
        graphs: false,
        busy_wait_events: false,
        graph_spec: [
          {
            batch_size: 1,
            input: {
              a: {
                dim: ["4", "4"],
              },
            },
          },
        ],
        output_copy_stream: false,
      },
      execution_accelerators: {
        gpu_execution_accelerator: [
          {
            name: "tensorrt",
            parameters: {
              p: "q",
            },
          },
        ],
        cpu_execution_accelerator: [],
      },
      input_pinned_memory: {
        enable: true,
      },
      output_pinned_memory: {
        enable: true,
      },
      gather_kernel_buffer_threshold: 0,
      eager_batching: false,
    },
    dynamic_batching: {
      preferred_batch_size: [2, 4],
      max_queue_delay_microseconds: 100,
      preserve_ordering: false,
      priority_levels: 2,
      default_priority_level: 1,
      default_queue_policy: {
        timeout_action: "DELAY",
        default_timeout_microseconds: 5000,
        allow_timeout_override: false,
        max_queue_size: 0,
      },
      priority_queue_policy: {
        "2": {
          timeout_action: "REJECT",
          default_timeout_microseconds: 0,
          allow_timeout_override: false,
          max_queue_size: 3,
        },
      },
    },
    instance_group: [
      {
        name: "rich_0",
        kind: "KIND_CPU",
        count: 1,
        rate_limiter: {
          resources: [
            {
              name: "r",
              global: false,
              count: 1,
            },
          ],
          priority: 2,
        },
        gpus: [],
        secondary_devices: [
          {
            kind: "KIND_NVDLA",
            device_id: "3",
          },
        ],
        profile: [],
        passive: false,
        host_policy: "",
      },
    ],
    default_model_filename: "model.py",
    cc_model_filenames: {},
    metric_tags: {
      t: "u",
    },
    parameters: {
      x: {
        string_value: "y",
      },
    },
    model_warmup: [
      {
        name: "w",
        batch_size: 0,
        inputs: {
          a: {
            data_type: "TYPE_FP32",
            dims: [2, 4],
            zero_data: true,
          },
        },
        count: 0,
      },
    ],
    model_transaction_policy: {
      decoupled: false,
    },
    response_cache: {
      enable: false,
    },
  });
});

test("spells a sequence model as Triton does", () => {
  const config = configOf(sequenceConfig);
  assert.equal(configToJson(normalise(fillPlatform(config, "seq", content), [])), {
    name: "seq",
    platform: "",
    backend: "python",
    runtime: "",
    version_policy: {
      latest: {
        num_versions: 1,
      },
    },
    max_batch_size: 4,
    input: [
      {
        name: "a",
        data_type: "TYPE_FP32",
        format: "FORMAT_NONE",
        dims: [4],
        is_shape_tensor: false,
        allow_ragged_batch: false,
        optional: false,
        is_non_linear_format_io: false,
      },
    ],
    output: [
      {
        name: "o",
        data_type: "TYPE_FP32",
        dims: [4],
        label_filename: "",
        is_shape_tensor: false,
        is_non_linear_format_io: false,
      },
    ],
    batch_input: [],
    batch_output: [],
    optimization: {
      priority: "PRIORITY_DEFAULT",
      input_pinned_memory: {
        enable: true,
      },
      output_pinned_memory: {
        enable: true,
      },
      gather_kernel_buffer_threshold: 0,
      eager_batching: false,
    },
    sequence_batching: {
      oldest: {
        max_candidate_sequences: 2,
        preferred_batch_size: [4],
        max_queue_delay_microseconds: 7,
        preserve_ordering: false,
      },
      max_sequence_idle_microseconds: 1000000,
      control_input: [
        {
          name: "S",
          control: [
            {
              kind: "CONTROL_SEQUENCE_START",
              int32_false_true: [],
              fp32_false_true: [0, 0.1],
              bool_false_true: [],
              data_type: "TYPE_INVALID",
            },
          ],
        },
      ],
      state: [
        {
          input_name: "si",
          output_name: "so",
          data_type: "TYPE_INT32",
          dims: [2],
          initial_state: [
            {
              data_type: "TYPE_INT32",
              dims: ["2"],
              name: "i",
              zero_data: true,
            },
          ],
          use_same_buffer_for_input_output: false,
          use_growable_memory: false,
        },
      ],
      iterative_sequence: false,
    },
    instance_group: [
      {
        name: "seq_0",
        kind: "KIND_CPU",
        count: 1,
        gpus: [],
        secondary_devices: [],
        profile: [],
        passive: false,
        host_policy: "",
      },
    ],
    default_model_filename: "model.py",
    cc_model_filenames: {},
    metric_tags: {},
    parameters: {},
    model_warmup: [],
  });
});

test("an empty configuration shows every scalar, list and map, and no message", () => {
  assert.equal(configToJson(emptyModelConfig()), {
    name: "",
    platform: "",
    backend: "",
    runtime: "",
    max_batch_size: 0,
    input: [],
    output: [],
    batch_input: [],
    batch_output: [],
    instance_group: [],
    default_model_filename: "",
    cc_model_filenames: {},
    metric_tags: {},
    parameters: {},
    model_warmup: [],
  });
});

test("a float has the digits that tell it from its neighbours, and names for what JSON lacks", () => {
  const control = (value: string) =>
    configToJson(configOf(`sequence_batching { control_input { control { fp32_false_true: ${value} } } }`));
  const text = (value: string) => /"fp32_false_true":\[(.*?)\]/.exec(JSON.stringify(control(value)))?.[1];
  assert.is(text("0.1"), "0.1");
  assert.is(text("16777217"), "16777216");
  assert.is(text("3.4028235e38"), "3.4028235e+38");
  assert.is(text("inf"), '"Infinity"');
  assert.is(text("nan"), '"NaN"');
});

test("what is written is read again as an override", () => {
  const config = configOf('max_batch_size: 2 input { name: "x" dims: [-1] } dynamic_batching {}');
  assert.equal(readModelConfigJson(JSON.stringify(configToJson(config))), config);
});

test("every field that is written as a number is a 64-bit integer of the message", () => {
  const root = loadDescriptor("model-config");
  for (const name of numericFields) {
    const [, message, field] = /^(.*)\.(.*)$/.exec(name) as unknown as [string, string, string];
    assert.match(String(root.lookupType(message).fields[field]?.type), /^u?int64$/, name);
  }
});

test.run();
