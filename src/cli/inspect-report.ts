import { configToJson } from "../config/config-json.js";
import type { Weights } from "../config/graph-contents.js";
import type { Signature, SignatureTensor } from "../config/saved-model-signature.js";
import { dataTypeOfTensorFlow } from "../config/tensorflow-data-type.js";
import { writeModelConfig } from "../config/write-text-format.js";
import { formatShape, type Shape } from "../inference/shape.js";
import type { ModelInspection } from "../model/inspect-model.js";
import type { InspectedGraph, TensorFlowInspection } from "../model/inspect-tensorflow.js";
import { formatBytes } from "./format-bytes.js";
import { formatPackage, packageToJson } from "./inspect-package-report.js";
import { formatTorch, torchToJson } from "./inspect-torch-report.js";

/** The inspection for people. */
export function formatInspection(inspection: ModelInspection): string {
  const { kind, path, problem, warnings } = inspection;
  const lines = [`${kind} ${path}`, ...formatFacts(inspection)];
  for (const warning of warnings) lines.push("", `warning: ${warning}`);
  if (problem !== undefined) lines.push("", `cannot be loaded: ${problem}`);
  return `${[...lines, ...formatConfig(inspection)].join("\n")}\n`;
}

function formatFacts(inspection: ModelInspection): string[] {
  if (inspection.kind === "TorchScript") return formatTorch(inspection);
  if (inspection.kind === "AOTInductor") return formatPackage(inspection);
  return inspection.graphs.flatMap((graph) => formatGraph(graph, inspection));
}

/** The inspection as JSON: the configuration as in `GET /v2/models/M/config`, and its text. */
export function inspectionToJson(inspection: ModelInspection): object {
  const { config } = inspection;
  return {
    ...factsToJson(inspection),
    ...(config && { config: configToJson(config), config_pbtxt: writeModelConfig(config) }),
    ...(config === undefined && "skeleton" in inspection && { config_pbtxt: inspection.skeleton }),
  };
}

function factsToJson(inspection: ModelInspection): object {
  if (inspection.kind === "TorchScript") return torchToJson(inspection);
  if (inspection.kind === "AOTInductor") return packageToJson(inspection);
  return tensorFlowToJson(inspection);
}

function formatConfig(inspection: ModelInspection): string[] {
  const { kind, config } = inspection;
  if (config !== undefined) {
    const state = kind === "SavedModel" ? "completed" : "as written";
    return ["", `# config.pbtxt, ${state}`, writeModelConfig(config).trimEnd()];
  }
  if (!("skeleton" in inspection)) return [];
  return [
    "",
    "# config.pbtxt, a skeleton: what is marked ? is not in the file",
    inspection.skeleton.trimEnd(),
  ];
}

function tensorFlowToJson({ config: _, graphs, ...more }: TensorFlowInspection): object {
  return {
    ...more,
    graphs: graphs.map(({ signatures, ...graph }) => ({
      ...graph,
      signatures: Object.fromEntries(signatures),
    })),
  };
}

function formatGraph(graph: InspectedGraph, { kind, variableFileSize }: TensorFlowInspection): string[] {
  const { tags, tensorFlowVersion, signatures, placeholders, ends } = graph;
  const saved = tensorFlowVersion === "" ? "" : `, saved by TensorFlow ${tensorFlowVersion}`;
  const lines = kind === "SavedModel" ? ["", `graph '${tags.join(", ")}'${saved}`] : [""];
  for (const [name, signature] of signatures) lines.push(...formatSignature(name, signature));
  if (kind === "GraphDef") {
    lines.push("  candidates for inputs (placeholders)");
    for (const { name, dtype, shape } of placeholders) lines.push(formatTensor("input", name, dtype, shape));
    lines.push(
      "  candidates for outputs (used by no other node)",
      ...ends.map((name) => `    output ${name}`),
    );
  }
  const facts: [string, string][] = [
    ["operations", formatOperations(graph)],
    ["constants", formatWeights(graph.constants)],
    ["variables", formatVariables(graph, kind, variableFileSize)],
    ["tables", String(graph.tableCount)],
    ["init", graph.initOperations.join(", ") || "none"],
    ["assets", graph.assets.join(", ") || "none"],
  ];
  return [...lines, ...facts.map(([title, value]) => `  ${title.padEnd(11)}${value}`)];
}

function formatSignature(name: string, { inputs, outputs }: Signature): string[] {
  const line = (side: string) => (tensor: SignatureTensor) =>
    formatTensor(side, tensor.key, tensor.dtype, tensor.shape);
  return [`  signature '${name}'`, ...inputs.map(line("input")), ...outputs.map(line("output"))];
}

function formatTensor(side: string, name: string, dtype: string, shape: Shape | undefined): string {
  const type = dataTypeOfTensorFlow(dtype) ?? dtype;
  return `    ${side.padEnd(6)} ${name}  ${type}  ${shape === undefined ? "of unknown rank" : formatShape(shape)}`;
}

function formatOperations({ operations, functionCount }: InspectedGraph): string {
  const counts = Object.entries(operations);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const inFunctions = functionCount === 0 ? "" : `, ${functionCount} functions included`;
  const each = counts.map(([name, count]) => (count === 1 ? name : `${name} ×${count}`));
  return `${total}${inFunctions}: ${each.join(", ")}`;
}

function formatVariables(
  graph: InspectedGraph,
  kind: TensorFlowInspection["kind"],
  fileSize: number,
): string {
  const weights = formatWeights(graph.variables);
  if (kind === "SavedModel") return `${weights}; files of ${formatBytes(fileSize)}`;
  return graph.variables.count === 0 ? weights : `${weights}; without values until init operations set them`;
}

function formatWeights({ count, byteSize }: Weights): string {
  return count === 0 ? "none" : `${count}, ${formatBytes(byteSize)}`;
}
