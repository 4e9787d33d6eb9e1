import type { ModelConfig } from "../../src/config/model-config.js";
import { readModelConfig } from "../../src/config/read-model-config.js";

/** A configuration from text, named `m` unless the text names it. */
export function configOf(text: string): ModelConfig {
  const config = readModelConfig(text, "config.pbtxt");
  return config.name === "" ? { ...config, name: "m" } : config;
}

/** A configuration with most fields. */
export const richConfig = `
  name: "rich"
  backend: "python"
  max_batch_size: 8
  version_policy { specific { versions: [1] } }
  input [
    { name: "a" data_type: TYPE_FP32 dims: [ -1, 4 ] },
    { name: "b" data_type: TYPE_STRING dims: [1] reshape { shape: [] } optional: true }
  ]
  output { name: "o" data_type: TYPE_BF16 dims: 2 label_filename: "l.txt" }
  instance_group [ {
    count: 1 kind: KIND_CPU
    secondary_devices { device_id: 3 }
    rate_limiter { resources { name: "r" count: 1 } priority: 2 }
  } ]
  optimization {
    graph { level: 1 }
    cuda { graphs: false graph_spec { batch_size: 1 input { key: "a" value { dim: [4, 4] } } } }
    execution_accelerators {
      gpu_execution_accelerator { name: "tensorrt" parameters { key: "p" value: "q" } }
    }
  }
  dynamic_batching {
    preferred_batch_size: [2, 4]
    max_queue_delay_microseconds: 100
    priority_levels: 2
    default_priority_level: 1
    default_queue_policy { timeout_action: DELAY default_timeout_microseconds: 5000 }
    priority_queue_policy { key: 2 value { max_queue_size: 3 } }
  }
  parameters { key: "x" value { string_value: "y" } }
  metric_tags { key: "t" value: "u" }
  model_warmup {
    name: "w" batch_size: 0
    inputs { key: "a" value { data_type: TYPE_FP32 dims: [2, 4] zero_data: true } }
  }
  model_transaction_policy { decoupled: false }
  response_cache { enable: false }
`;

/** A sequence model. */
export const sequenceConfig = `
  name: "seq"
  backend: "python"
  max_batch_size: 4
  input { name: "a" data_type: TYPE_FP32 dims: 4 }
  output { name: "o" data_type: TYPE_FP32 dims: 4 }
  instance_group { kind: KIND_CPU count: 1 }
  sequence_batching {
    oldest { max_candidate_sequences: 2 max_queue_delay_microseconds: 7 }
    control_input { name: "S" control { kind: CONTROL_SEQUENCE_START fp32_false_true: [0, 0.1] } }
    state {
      input_name: "si" output_name: "so" data_type: TYPE_INT32 dims: [2]
      initial_state { name: "i" data_type: TYPE_INT32 dims: [2] zero_data: true }
    }
  }
`;
