import { createRequire } from "node:module";
import protobuf from "protobufjs/light.js";

/**
 * What the readers need to know of a protobuf message. Taken from protobufjs's reflection of the generated
 * descriptors, with the field names as the .proto files spell them.
 */
export interface MessageSchema {
  /** With its package: `inference.ModelConfig`. */
  readonly fullName: string;
  /** By .proto name, in the order of declaration. */
  readonly fields: ReadonlyMap<string, FieldSchema>;
}

export interface FieldSchema {
  readonly name: string;
  /** The name in JSON and in TypeScript: `max_batch_size` is `maxBatchSize`. */
  readonly camelName: string;
  readonly cardinality: "singular" | "repeated" | "map";
  /** Of the field, of one element if repeated, of the value if a map. */
  readonly type: FieldType;
  /** Of a map's key; undefined for other fields. */
  readonly keyType: FieldType | undefined;
  /** Name of the oneof the field belongs to. */
  readonly oneof: string | undefined;
}

export type IntegerType = "int32" | "uint32" | "int64" | "uint64";

export type FieldType = ScalarType | { readonly kind: "message"; readonly message: MessageSchema };

export type ScalarType =
  | { readonly kind: "integer"; readonly integer: IntegerType }
  | { readonly kind: "float"; readonly bits: 32 | 64 }
  | { readonly kind: "bool" }
  | { readonly kind: "string" }
  | { readonly kind: "bytes" }
  | EnumType;

export interface EnumType {
  readonly kind: "enum";
  readonly fullName: string;
  /** By name, the proto3 default first. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Inclusive. */
export const integerRanges: Readonly<Record<IntegerType, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

const require = createRequire(import.meta.url);

const roots = new Map<string, protobuf.Root>();

/** The messages of `<name>.descriptor.json`, which `scripts/generate-descriptors.py` writes. Loaded once. */
export function loadDescriptor(
  name: "model-config" | "tensorflow-options" | "saved-model" | "graph-def" | "graph-contents",
): protobuf.Root {
  const loaded = roots.get(name);
  if (loaded) return loaded;
  const root = protobuf.Root.fromJSON(require(`./${name}.descriptor.json`));
  root.resolveAll();
  roots.set(name, root);
  return root;
}

let modelConfig: MessageSchema | undefined;

/** The schema of `inference.ModelConfig`. */
export function modelConfigSchema(): MessageSchema {
  modelConfig ??= messageSchema(
    loadDescriptor("model-config").lookupType("inference.ModelConfig"),
    new Map(),
  );
  return modelConfig;
}

function messageSchema(type: protobuf.Type, known: Map<string, MessageSchema>): MessageSchema {
  const fullName = type.fullName.slice(1);
  const found = known.get(fullName);
  if (found) return found;
  const fields = new Map<string, FieldSchema>();
  const schema = { fullName, fields };
  known.set(fullName, schema);
  for (const field of type.fieldsArray) fields.set(field.name, fieldSchema(field, known));
  return schema;
}

function fieldSchema(field: protobuf.Field, known: Map<string, MessageSchema>): FieldSchema {
  return {
    name: field.name,
    camelName: field.name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
    cardinality: field.map ? "map" : field.repeated ? "repeated" : "singular",
    type: fieldType(field.type, field.resolvedType, known),
    keyType: field instanceof protobuf.MapField ? fieldType(field.keyType, null, known) : undefined,
    oneof: field.partOf?.name,
  };
}

function fieldType(
  name: string,
  resolved: protobuf.Type | protobuf.Enum | null,
  known: Map<string, MessageSchema>,
): FieldType {
  if (resolved instanceof protobuf.Type) return { kind: "message", message: messageSchema(resolved, known) };
  if (resolved) {
    return {
      kind: "enum",
      fullName: resolved.fullName.slice(1),
      numbers: new Map(Object.entries(resolved.values)),
    };
  }
  if (name === "float" || name === "double") return { kind: "float", bits: name === "float" ? 32 : 64 };
  if (name === "bool" || name === "string" || name === "bytes") return { kind: name };
  if (name in integerRanges) return { kind: "integer", integer: name as IntegerType };
  throw new TypeError(`protobuf type ${name} is not used by any message Tandem reads`);
}
