import type { Message, MessageValue } from "./message.js";
import type { FieldSchema, FieldType, MessageSchema } from "./message-schema.js";

/** What a message becomes for TypeScript; see {@link completeMessage}. */
export type Plain =
  | string
  | number
  | boolean
  | undefined
  | readonly Plain[]
  | { readonly [name: string]: Plain };

/**
 * A message with every field of its schema: camelCase names, 64-bit integers as numbers, proto3's zero values for what
 * was not given, undefined for messages and members of a oneof not given. Frozen.
 */
export function completeMessage(message: Message, schema: MessageSchema): { readonly [name: string]: Plain } {
  const plain: Record<string, Plain> = {};
  for (const field of schema.fields.values()) {
    plain[field.camelName] = completeField(message.get(field.name), field);
  }
  return Object.freeze(plain);
}

function completeField(value: MessageValue | undefined, field: FieldSchema): Plain {
  if (field.cardinality === "repeated") {
    const elements = (value ?? []) as MessageValue[];
    return Object.freeze(elements.map((element) => completeValue(element, field.type)));
  }
  if (field.cardinality === "map") {
    const entries = [...((value as Message | undefined) ?? new Map<string, MessageValue>())];
    return Object.freeze(
      Object.fromEntries(entries.map(([key, entry]) => [key, completeValue(entry, field.type)])),
    );
  }
  if (value !== undefined) return completeValue(value, field.type);
  return field.oneof === undefined ? zero(field.type) : undefined;
}

function completeValue(value: MessageValue, type: FieldType): Plain {
  if (type.kind === "message") return completeMessage(value as Message, type.message);
  return typeof value === "bigint" ? Number(value) : (value as Plain);
}

function zero(type: FieldType): Plain {
  if (type.kind === "message") return undefined;
  if (type.kind === "enum") return [...type.numbers.keys()][0];
  if (type.kind === "bool") return false;
  return type.kind === "string" ? "" : 0;
}
