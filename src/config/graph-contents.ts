import { invalidArgument } from "../inference/serving-error.js";
import type { Shape } from "../inference/shape.js";
import { loadDescriptor } from "./message-schema.js";
import { type DecodedShape, shapeOf } from "./tensor-shape.js";

/** What a TensorFlow graph is made of. */
export interface GraphContents {
  /** How often each operation occurs, in the graph and in the functions it may call; the most frequent first. */
  readonly operations: Readonly<Record<string, number>>;
  readonly functionCount: number;
  readonly constants: Weights;
  readonly variables: Weights;
  /** Hash tables, which an initialisation has to fill. */
  readonly tableCount: number;
  /** What can be fed. */
  readonly placeholders: readonly Placeholder[];
  /** Names of the nodes that no other takes anything from, which may be outputs. */
  readonly ends: readonly string[];
}

/** Elements kept in a graph, in bytes as they are in memory; of strings their own bytes. */
export interface Weights {
  readonly count: number;
  readonly byteSize: number;
}

export interface Placeholder {
  readonly name: string;
  /** TensorFlow's name: `DT_FLOAT`. */
  readonly dtype: string;
  /** -1 variable; undefined where the rank is unknown. */
  readonly shape: Shape | undefined;
}

/** One graph of a SavedModel. */
export interface MetaGraphContents {
  readonly tags: readonly string[];
  /** Of the TensorFlow that saved it; "" if it does not say. */
  readonly tensorFlowVersion: string;
  readonly graph: GraphContents;
  /** Operations that a TensorFlow 1 model runs once, before anything else. */
  readonly initOperations: readonly string[];
  /** Names of the files in `assets/` that it reads. */
  readonly assets: readonly string[];
}

interface DecodedAttribute {
  type?: string;
  shape?: DecodedShape;
  tensor?: { dtype?: string; tensor_shape?: DecodedShape; string_val?: Uint8Array[] };
}

interface DecodedNode {
  name?: string;
  op?: string;
  input?: string[];
  attr?: Record<string, DecodedAttribute>;
}

interface DecodedGraph {
  node?: DecodedNode[];
  library?: { function?: { node_def?: DecodedNode[] }[] };
}

interface DecodedMetaGraph {
  meta_info_def?: { tags?: string[]; tensorflow_version?: string };
  graph_def?: DecodedGraph;
  collection_def?: Record<string, { node_list?: { value?: string[] } }>;
  asset_file_def?: { filename?: string }[];
}

/**
 * The graphs of a `saved_model.pb`, in the file's order. The elements of constants are skipped, not decoded.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the bytes are not a SavedModel message
 */
export function readSavedModelContents(bytes: Uint8Array): MetaGraphContents[] {
  const { meta_graphs = [] } = decode<{ meta_graphs?: DecodedMetaGraph[] }>("SavedModel", bytes);
  return meta_graphs.map((decoded) => ({
    tags: decoded.meta_info_def?.tags ?? [],
    tensorFlowVersion: decoded.meta_info_def?.tensorflow_version ?? "",
    graph: contents(decoded.graph_def ?? {}),
    initOperations: ["saved_model_main_op", "legacy_init_op"].flatMap(
      (collection) => decoded.collection_def?.[collection]?.node_list?.value ?? [],
    ),
    assets: (decoded.asset_file_def ?? []).map(({ filename }) => filename ?? ""),
  }));
}

/**
 * What a frozen graph's file holds.
 *
 * @throws {ServingError} INVALID_ARGUMENT if the bytes are not a GraphDef message
 */
export function readGraphContents(bytes: Uint8Array): GraphContents {
  return contents(decode<DecodedGraph>("GraphDef", bytes));
}

function decode<T>(message: "SavedModel" | "GraphDef", bytes: Uint8Array): T {
  const type = loadDescriptor("graph-contents").lookupType(`tensorflow.${message}`);
  try {
    return type.toObject(type.decode(bytes), { longs: Number, enums: String }) as T;
  } catch (error) {
    throw invalidArgument(`not a ${message}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function contents({ node = [], library }: DecodedGraph): GraphContents {
  const functions = library?.function ?? [];
  const nodes = [...node, ...functions.flatMap(({ node_def = [] }) => node_def)];
  const constants = nodes.flatMap(({ op, attr }) => (op === "Const" ? [constantSize(attr?.value)] : []));
  const variables = node.filter(({ op }) => variableOperations.has(op ?? ""));
  return {
    operations: operationCounts(nodes),
    functionCount: functions.length,
    constants: { count: constants.length, byteSize: sum(constants) },
    variables: { count: variables.length, byteSize: sum(variables.map(variableSize)) },
    tableCount: node.filter(({ op }) => /HashTable/.test(op ?? "")).length,
    placeholders: node.filter(({ op }) => op?.startsWith("Placeholder")).map(placeholder),
    ends: endsOf(node),
  };
}

const variableOperations = new Set(["VarHandleOp", "Variable", "VariableV2"]);

function operationCounts(nodes: readonly DecodedNode[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { op = "" } of nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  const frequentFirst = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  return Object.fromEntries(frequentFirst);
}

function placeholder({ name = "", attr }: DecodedNode): Placeholder {
  return { name, dtype: attr?.dtype?.type ?? "DT_INVALID", shape: shapeOf(attr?.shape?.shape) };
}

/** An input is `node`, `node:index` or, where only the order matters, `^node`. */
function endsOf(nodes: readonly DecodedNode[]): string[] {
  const taken = new Set(
    nodes.flatMap(({ input = [] }) => input.map((name) => name.replace(/^\^/, "").replace(/:\d+$/, ""))),
  );
  return nodes.map(({ name = "" }) => name).filter((name) => !taken.has(name));
}

function constantSize(value: DecodedAttribute | undefined): number {
  const { dtype = "", tensor_shape, string_val = [] } = value?.tensor ?? {};
  if (dtype === "DT_STRING") return sum(string_val.map(({ length }) => length));
  return byteSizeOf(dtype, shapeOf(tensor_shape ?? {}));
}

function variableSize({ attr }: DecodedNode): number {
  return byteSizeOf(attr?.dtype?.type ?? "", shapeOf(attr?.shape?.shape));
}

/** 0 where it cannot be told: strings, and shapes that are only known when the model runs. */
function byteSizeOf(dtype: string, shape: Shape | undefined): number {
  if (shape === undefined || shape.includes(-1)) return 0;
  return shape.reduce((product, dim) => product * dim, elementSizes[dtype.replace(/_REF$/, "")] ?? 0);
}

const elementSizes: Readonly<Record<string, number>> = {
  DT_BOOL: 1,
  DT_INT8: 1,
  DT_UINT8: 1,
  DT_QINT8: 1,
  DT_QUINT8: 1,
  DT_INT16: 2,
  DT_UINT16: 2,
  DT_HALF: 2,
  DT_BFLOAT16: 2,
  DT_INT32: 4,
  DT_UINT32: 4,
  DT_FLOAT: 4,
  DT_INT64: 8,
  DT_UINT64: 8,
  DT_DOUBLE: 8,
  DT_COMPLEX64: 8,
  DT_COMPLEX128: 16,
};

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
