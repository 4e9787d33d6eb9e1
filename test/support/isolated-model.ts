import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type LoadModelOptions, load, type Model } from "../../src/index.js";
import { fixture } from "./fixtures.js";

const quiet = { info() {}, warn() {}, error() {} };

/** A fixture's configuration with these parameters, and in a process of its own. */
export function isolatedConfig(name: string, parameters: Readonly<Record<string, string>> = {}): string {
  let written = "";
  try {
    written = readFileSync(join(fixture(name), "config.pbtxt"), "utf8");
  } catch {
    // completed from the model
  }
  const entries = Object.entries({ ISOLATION: "process", ...parameters });
  const texts = entries.map(
    ([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`,
  );
  return [written, ...texts, ""].join("\n");
}

/** A fixture in a process of its own. */
export function loadIsolated(
  name: string,
  parameters: Readonly<Record<string, string>> = {},
  options: LoadModelOptions = {},
): Promise<Model> {
  return load(fixture(name), { logger: quiet, ...options, config: isolatedConfig(name, parameters) });
}

/** Ids of the models' processes that a process has started and that live. */
export function hostProcesses(parent: number = process.pid): number[] {
  const children: number[] = [];
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = readFileSync(`/proc/${entry}/stat`, "utf8");
      const [state, parentId] = status.slice(status.lastIndexOf(")") + 2).split(" ");
      if (Number(parentId) !== parent || state === "Z") continue;
      if (isHost(Number(entry))) children.push(Number(entry));
    } catch {
      // ended meanwhile
    }
  }
  return children;
}

/** Whether the process lives and is a model's. */
export function isHost(id: number): boolean {
  try {
    return /host\/main\.js|tandem_host/.test(readFileSync(`/proc/${id}/cmdline`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until it holds; throws an Error after 20 seconds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !holds(); ) {
    if (Date.now() > end) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
