import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { findTensorflow } from "../../src/engine/find-tensorflow.js";
import { findTorch } from "../../src/engine/find-torch.js";

/** What a figure depends on: the machine, how busy it is, and the versions. */
export function machineFacts(): Record<string, string> {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return {
    date: new Date().toISOString(),
    machine: `${availableParallelism()} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    "load before": loadavg()
      .map((load) => load.toFixed(1))
      .join(" "),
    "node.js": process.version,
    tandem: `${version} (${commit()})`,
    tensorflow: versionOf(findTensorflow),
    torch: versionOf(findTorch),
  };
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "no commit";
  }
}

function versionOf(
  find: () => { readonly runtime?: { readonly version?: string | undefined } | undefined },
): string {
  return find().runtime?.version ?? "not found";
}
