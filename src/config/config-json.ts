import type { Plain } from "./complete-message.js";
import { type FieldSchema, type FieldType, type MessageSchema, modelConfigSchema } from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";

/** A value of `JSON.parse`. */
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/**
 * The configuration as the HTTP configuration endpoint spells it: protobuf-JSON with the .proto names, scalars at
 * their defaults, unset messages absent. Protobuf-JSON writes 64-bit integers as strings; Triton turns
 * some of them back into numbers, {@link numericFields}, and so does this.
 */
export function configToJson(config: ModelConfig): { [name: string]: Json } {
  return messageToJson(config as unknown as PlainMessage, modelConfigSchema());
}

/** 64-bit fields that are numbers in JSON, by message. The others are strings. */
export const numericFields: ReadonlySet<string> = new Set([
  "inference.ModelInput.dims",
  "inference.ModelOutput.dims",
  "inference.ModelTensorReshape.shape",
  "inference.ModelVersionPolicy.Specific.versions",
  "inference.ModelDynamicBatching.max_queue_delay_microseconds",
  "inference.ModelDynamicBatching.priority_levels",
  "inference.ModelDynamicBatching.default_priority_level",
  "inference.ModelQueuePolicy.default_timeout_microseconds",
  "inference.ModelSequenceBatching.max_sequence_idle_microseconds",
  "inference.ModelSequenceBatching.StrategyDirect.max_queue_delay_microseconds",
  "inference.ModelSequenceBatching.StrategyOldest.max_queue_delay_microseconds",
  "inference.ModelSequenceBatching.State.dims",
  "inference.ModelEnsembling.Step.model_version",
  "inference.ModelWarmup.Input.dims",
]);

type PlainMessage = { readonly [name: string]: Plain };

function messageToJson(message: PlainMessage, schema: MessageSchema): { [name: string]: Json } {
  const json: { [name: string]: Json } = {};
  for (const field of schema.fields.values()) {
    const value = message[field.camelName];
    if (value === undefined) continue;
    json[field.name] = fieldToJson(value, field, numericFields.has(`${schema.fullName}.${field.name}`));
  }
  return json;
}

function fieldToJson(value: Exclude<Plain, undefined>, field: FieldSchema, isNumeric: boolean): Json {
  const { type } = field;
  if (field.cardinality === "repeated") {
    return (value as readonly Plain[]).map((element) => valueToJson(element, type, isNumeric));
  }
  if (field.cardinality === "singular") return valueToJson(value, type, isNumeric);
  const entries = Object.entries(value as PlainMessage);
  return Object.fromEntries(entries.map(([key, entry]) => [key, valueToJson(entry, type, isNumeric)]));
}

function valueToJson(value: Plain, type: FieldType, isNumeric: boolean): Json {
  if (type.kind === "message") return messageToJson(value as PlainMessage, type.message);
  if (type.kind === "float") return floatToJson(value as number, type.bits);
  if (type.kind === "integer" && type.integer.endsWith("64") && !isNumeric) {
    return BigInt(value as number).toString();
  }
  return value as string | number | boolean;
}

/** A 32-bit float with as many digits as tell it from its neighbours: 0.1, not 0.10000000149011612. */
function floatToJson(value: number, bits: 32 | 64): Json {
  if (!Number.isFinite(value)) return String(value);
  if (bits === 64) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
