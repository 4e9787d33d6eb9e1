import type { Message, MessageValue } from "./message.js";
import type { FieldSchema, FieldType, MessageSchema } from "./message-schema.js";
import { readTextScalar } from "./text-scalar.js";
import { tokenize } from "./text-tokens.js";
import { describe, TokenCursor } from "./token-cursor.js";

/**
 * Reads a message in protobuf text format.
 *
 * @returns the fields the text gives, and no defaults
 * @throws {TextFormatError} with line and column: bad syntax, an unknown field, a value of the wrong type or out of
 * range, a singular field given twice, two members of a oneof
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/
 */
export function readTextFormat(text: string, schema: MessageSchema): Message {
  return readFields(new TokenCursor(tokenize(text)), schema, undefined);
}

/** @param close the bracket that ends the message; undefined for the document itself */
function readFields(cursor: TokenCursor, schema: MessageSchema, close: string | undefined): Message {
  const message: Message = new Map();
  for (;;) {
    if (close !== undefined && cursor.takeIf(close)) return message;
    const token = cursor.peek();
    if (close === undefined && token.kind === "end") return message;
    readField(cursor, schema, message, close);
    if (!cursor.takeIf(",")) cursor.takeIf(";");
  }
}

function readField(
  cursor: TokenCursor,
  schema: MessageSchema,
  message: Message,
  close: string | undefined,
): void {
  const token = cursor.peek();
  if (token.kind === "symbol" && token.text === "[") {
    cursor.fail(`Message type "${schema.fullName}" has no extensions and is not an Any.`);
  }
  if (token.kind !== "identifier") {
    const orClose = close === undefined ? "" : ` or "${close}"`;
    cursor.fail(`Expected a field name${orClose}, found ${describe(token)}.`);
  }
  const field =
    schema.fields.get(token.text) ??
    cursor.fail(`Message type "${schema.fullName}" has no field named "${token.text}".`);
  checkGivenOnce(cursor, schema, field, message);
  cursor.take();

  const isMessage = field.type.kind === "message" || field.cardinality === "map";
  const hasColon = cursor.takeIf(":");
  if (!hasColon && !isMessage) cursor.fail(`Expected ":", found ${describe(cursor.peek())}.`);

  if (field.cardinality === "singular") {
    message.set(field.name, readValue(cursor, field.type));
    return;
  }
  if (!message.has(field.name)) message.set(field.name, field.cardinality === "map" ? new Map() : []);
  const collected = message.get(field.name) as MessageValue[] | Message;
  if (!cursor.takeIf("[")) {
    addElement(cursor, field, collected);
    return;
  }
  if (cursor.takeIf("]")) return;
  for (;;) {
    addElement(cursor, field, collected);
    if (cursor.takeIf("]")) return;
    cursor.expect(",");
  }
}

function checkGivenOnce(
  cursor: TokenCursor,
  schema: MessageSchema,
  field: FieldSchema,
  message: Message,
): void {
  if (field.cardinality !== "singular") return;
  if (message.has(field.name)) {
    cursor.fail(`Non-repeated field "${field.name}" is specified multiple times.`);
  }
  if (field.oneof === undefined) return;
  for (const other of message.keys()) {
    if (schema.fields.get(other)?.oneof !== field.oneof) continue;
    cursor.fail(
      `Field "${field.name}" is specified along with field "${other}", another member of oneof "${field.oneof}".`,
    );
  }
}

function addElement(cursor: TokenCursor, field: FieldSchema, collected: MessageValue[] | Message): void {
  if (Array.isArray(collected)) {
    collected.push(readValue(cursor, field.type));
    return;
  }
  const entry = readMessage(cursor, entrySchema(field));
  const key = entry.get("key") ?? zero(field.keyType as FieldType);
  collected.set(String(key), entry.get("value") ?? zero(field.type));
}

function readValue(cursor: TokenCursor, type: FieldType): MessageValue {
  return type.kind === "message" ? readMessage(cursor, type.message) : readTextScalar(cursor, type);
}

function readMessage(cursor: TokenCursor, schema: MessageSchema): Message {
  if (cursor.takeIf("<")) return readFields(cursor, schema, ">");
  if (cursor.takeIf("{")) return readFields(cursor, schema, "}");
  return cursor.fail(`Expected "{" or "<" before a ${schema.fullName}, found ${describe(cursor.peek())}.`);
}

/** In text, a map is a list of messages with a key and a value. */
function entrySchema(field: FieldSchema): MessageSchema {
  const member = (name: string, type: FieldType): [string, FieldSchema] => [
    name,
    { name, camelName: name, cardinality: "singular", type, keyType: undefined, oneof: undefined },
  ];
  const fields = [member("key", field.keyType as FieldType), member("value", field.type)];
  return { fullName: `${field.name} entry`, fields: new Map(fields) };
}

function zero(type: FieldType): MessageValue {
  if (type.kind === "message") return new Map();
  if (type.kind === "enum") return [...type.numbers.keys()][0] as string;
  if (type.kind === "string") return "";
  if (type.kind === "bytes") return new Uint8Array();
  if (type.kind === "bool") return false;
  return type.kind === "integer" && type.integer.endsWith("64") ? 0n : 0;
}
