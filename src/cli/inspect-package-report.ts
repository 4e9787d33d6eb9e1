import type { PackageInput } from "../config/aoti-source.js";
import type { PackageInspection } from "../model/inspect-package.js";
import { formatBytes } from "./format-bytes.js";

/** What an AOTInductor package says, for people; without its configuration. */
export function formatPackage({ metadata, source, callSpec }: PackageInspection): string[] {
  const { AOTI_DEVICE_KEY: device, AOTI_PLATFORM: system, AOTI_MACHINE: machine } = metadata;
  const facts: [string, string][] = [
    ["for", [device, system, machine, metadata.AOTI_CPU_ISA].filter(Boolean).join(", ")],
    ["made by", `PyTorch ${metadata.TORCH_VERSION ?? "of a version that it does not tell"}`],
    ...callSpec.inputs.map((name, i): [string, string] => ["takes", formatInput(name, source.inputs?.[i])]),
    ...callSpec.outputs.map((name): [string, string] => ["gives", name]),
    ["weights", formatBytes(source.weightBytes)],
    ["state", source.hasState ? "changes with its runs: each instance has its own" : "none"],
  ];
  return ["", ...facts.map(([title, value]) => `  ${title.padEnd(9)}${value}`)];
}

function formatInput(name: string, input: PackageInput | undefined): string {
  return `${name}  ${input?.dataType ?? "?"}  [${input?.dims?.join(",") ?? "?"}]`;
}

/** The same for JSON. */
export function packageToJson({ config: _, skeleton: __, source, ...inspection }: PackageInspection): object {
  const { trees: ___, ...tensors } = source;
  return { ...inspection, ...tensors };
}
