import { Command } from "commander";
import { parseBackendConfig } from "../config/backend-config.js";
import { inspectModel } from "../model/inspect-model.js";
import { formatInspection, inspectionToJson } from "./inspect-report.js";

interface Flags {
  readonly json: boolean;
  readonly tag?: string;
  readonly signature?: string;
  readonly backendConfig: string[];
}

export function inspectCommand(): Command {
  return new Command("inspect")
    .description(
      "say what is in a model, and which configuration it would get; needs libtorch for PyTorch's files, else no engine",
    )
    .argument(
      "<path>",
      "a SavedModel directory, a model directory of a repository, a frozen graph, a TorchScript file, or an AOTInductor package",
    )
    .option("--json", "as JSON", false)
    .option("--tag <tag>", "in place of the configuration's TF_GRAPH_TAG")
    .option("--signature <name>", "in place of the configuration's TF_SIGNATURE_DEF")
    .option("--backend-config <value>", "as of `tandem serve`; may be repeated", collect, [])
    .action(async (path: string, { json, tag, signature, backendConfig }: Flags) => {
      const inspection = await inspectModel(path, {
        tag,
        signature,
        backendConfig: parseBackendConfig(backendConfig),
      });
      process.stdout.write(
        json ? `${JSON.stringify(inspectionToJson(inspection), null, 2)}\n` : formatInspection(inspection),
      );
    });
}

function collect(value: string, values: string[]): string[] {
  return [...values, value];
}
