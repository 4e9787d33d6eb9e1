import type { Plain } from "./complete-message.js";
import {
  type FieldSchema,
  type FieldType,
  type MessageSchema,
  modelConfigSchema,
  type ScalarType,
} from "./message-schema.js";
import type { ModelConfig } from "./model-config.js";

type PlainMessage = { readonly [name: string]: Plain };

/**
 * The configuration as a `config.pbtxt`: what differs from protobuf's defaults, in the order of the .proto file. Reading
 * the text gives the same configuration again.
 */
export function writeModelConfig(config: ModelConfig): string {
  return writeMessage(config as unknown as PlainMessage, modelConfigSchema(), "");
}

function writeMessage(message: PlainMessage, schema: MessageSchema, indent: string): string {
  return [...schema.fields.values()]
    .map((field) => writeField(message[field.camelName], field, indent))
    .join("");
}

function writeField(value: Plain, field: FieldSchema, indent: string): string {
  const { name, type } = field;
  if (value === undefined) return "";
  if (field.cardinality === "map") {
    return Object.entries(value as PlainMessage)
      .map(([key, entry]) => writeEntry(key, entry, field, indent))
      .join("");
  }
  if (field.cardinality === "repeated") {
    const elements = value as readonly Plain[];
    if (elements.length === 0) return "";
    if (type.kind === "message") {
      return elements.map((element) => writeValue(name, element, type, indent)).join("");
    }
    return `${indent}${name}: [ ${elements.map((element) => writeScalar(element, type)).join(", ")} ]\n`;
  }
  // A member of a oneof that is there has been given, whatever its value.
  return field.oneof === undefined && isZero(value, type) ? "" : writeValue(name, value, type, indent);
}

/** In text, a map is a list of messages with a key and a value. */
function writeEntry(key: string, value: Plain, { name, keyType, type }: FieldSchema, indent: string): string {
  const inner = `${indent}  `;
  const writtenKey = writeValue("key", key, keyType as FieldType, inner);
  return `${indent}${name} {\n${writtenKey}${writeValue("value", value, type, inner)}${indent}}\n`;
}

function writeValue(name: string, value: Plain, type: FieldType, indent: string): string {
  if (type.kind !== "message") return `${indent}${name}: ${writeScalar(value, type)}\n`;
  const fields = writeMessage(value as PlainMessage, type.message, `${indent}  `);
  return fields === "" ? `${indent}${name} { }\n` : `${indent}${name} {\n${fields}${indent}}\n`;
}

function isZero(value: Plain, type: FieldType): boolean {
  if (type.kind === "enum") return value === [...type.numbers.keys()][0];
  return value === "" || value === false || Object.is(value, 0);
}

function writeScalar(value: Plain, type: ScalarType): string {
  if (type.kind === "string") return quote(value as string);
  if (type.kind === "integer") return BigInt(value as number).toString();
  if (type.kind === "float") return writeFloat(value as number);
  return String(value);
}

function writeFloat(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  return Object.is(value, -0) ? "-0.0" : String(value);
}

function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what has to be escaped
  const escaped = text.replace(/["\\\u0000-\u001f\u007f]/g, (character) => {
    if (character === '"' || character === "\\") return `\\${character}`;
    return character === "\n" ? "\\n" : `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
  return `"${escaped}"`;
}
