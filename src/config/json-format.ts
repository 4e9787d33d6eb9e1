import type { Message, MessageValue, Scalar } from "./message.js";
import {
  type FieldSchema,
  type FieldType,
  integerRanges,
  type MessageSchema,
  type ScalarType,
} from "./message-schema.js";

/**
 * Reads a message from parsed protobuf-JSON: names in snake_case or camelCase, integers as numbers or strings, enums
 * by name in any case or by number, null for "not given".
 *
 * @returns the fields the JSON gives, and no defaults
 * @throws {TypeError} naming the field: unknown, of the wrong type, out of range, given twice, two members of a oneof
 * @see https://protobuf.dev/programming-guides/json/
 */
export function readJsonMessage(json: unknown, schema: MessageSchema, path = ""): Message {
  if (!isObject(json))
    throw new TypeError(`${path || schema.fullName}: expected an object, got ${show(json)}`);
  const message: Message = new Map();
  for (const [name, value] of Object.entries(json)) {
    const field = fieldNamed(schema, name);
    const fieldPath = path ? `${path}.${name}` : name;
    if (!field) throw new TypeError(`${fieldPath}: no such field in ${schema.fullName}`);
    if (value === null) continue;
    if (message.has(field.name)) throw new TypeError(`${fieldPath}: given twice`);
    checkOneof(schema, field, message, fieldPath);
    message.set(field.name, readField(value, field, fieldPath));
  }
  return message;
}

function fieldNamed(schema: MessageSchema, name: string): FieldSchema | undefined {
  const exact = schema.fields.get(name);
  if (exact) return exact;
  for (const field of schema.fields.values()) if (field.camelName === name) return field;
  return undefined;
}

function checkOneof(schema: MessageSchema, field: FieldSchema, message: Message, path: string): void {
  if (field.oneof === undefined) return;
  for (const other of message.keys()) {
    if (schema.fields.get(other)?.oneof === field.oneof) {
      throw new TypeError(`${path}: given along with ${other}, another member of oneof ${field.oneof}`);
    }
  }
}

function readField(value: unknown, field: FieldSchema, path: string): MessageValue {
  if (field.cardinality === "singular") return readValue(value, field.type, path);
  if (field.cardinality === "repeated") {
    if (!Array.isArray(value)) throw new TypeError(`${path}: expected an array, got ${show(value)}`);
    return value.map((element, index) => readValue(element, field.type, `${path}[${index}]`));
  }
  if (!isObject(value)) throw new TypeError(`${path}: expected an object, got ${show(value)}`);
  const map: Message = new Map();
  for (const [key, entry] of Object.entries(value)) {
    const readKey = readValue(key, field.keyType as FieldType, `${path} key`);
    map.set(String(readKey), readValue(entry, field.type, `${path}["${key}"]`));
  }
  return map;
}

function readValue(value: unknown, type: FieldType, path: string): MessageValue {
  if (type.kind === "message") return readJsonMessage(value, type.message, path);
  const scalar = readScalar(value, type);
  if (scalar === undefined) throw new TypeError(`${path}: expected ${expectation(type)}, got ${show(value)}`);
  return scalar;
}

function readScalar(value: unknown, type: ScalarType): Scalar | undefined {
  switch (type.kind) {
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return typeof value === "string" ? value : undefined;
    case "bytes":
      return typeof value === "string" ? Buffer.from(value, "base64") : undefined;
    case "integer":
      return readInteger(value, type.integer);
    case "float":
      return readFloat(value, type.bits);
    case "enum":
      return readEnum(value, type.numbers);
  }
}

function readInteger(value: unknown, type: keyof typeof integerRanges): number | bigint | undefined {
  const text = typeof value === "string" ? value : undefined;
  if (text !== undefined && !/^-?\d+(?:\.0+)?$/.test(text)) return undefined;
  if (text === undefined && !Number.isInteger(value)) return undefined;
  const integer = BigInt(text === undefined ? (value as number) : text.replace(/\.0+$/, ""));
  const [least, greatest] = integerRanges[type];
  if (integer < least || integer > greatest) return undefined;
  return type.endsWith("64") ? integer : Number(integer);
}

function readFloat(value: unknown, bits: 32 | 64): number | undefined {
  const isNumeric =
    typeof value === "number" ||
    (typeof value === "string" && /^(?:NaN|-?Infinity|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(value));
  if (!isNumeric) return undefined;
  return bits === 32 ? Math.fround(Number(value)) : Number(value);
}

function readEnum(value: unknown, numbers: ReadonlyMap<string, number>): string | undefined {
  for (const [name, number] of numbers) {
    if (value === number) return name;
    if (typeof value === "string" && value.toUpperCase() === name.toUpperCase()) return name;
  }
  return undefined;
}

function expectation(type: FieldType): string {
  if (type.kind === "integer") return `an ${type.integer}`;
  if (type.kind === "enum") return `one of ${[...type.numbers.keys()].join(", ")}`;
  if (type.kind === "bytes") return "a base64 string";
  return type.kind === "float" ? "a number" : `a ${type.kind}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? String(value);
}
