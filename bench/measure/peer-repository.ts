import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A model of the peer's Python backend: [n,16] `x` to [n,4] `y`, batches of up to 32. */
export interface PeerModel {
  /** Its handler, a file of `bench/peer/`. */
  readonly handler: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Adds models, by name, to a repository for the peer. */
export function addPeerModels(repository: string, models: Readonly<Record<string, PeerModel>>): void {
  for (const [name, { handler, parameters }] of Object.entries(models)) {
    const version = join(repository, name, "1");
    mkdirSync(version, { recursive: true });
    copyFileSync(fileURLToPath(new URL(`../peer/${handler}`, import.meta.url)), join(version, "model.py"));
    const config = [
      'backend: "python"',
      "max_batch_size: 32",
      'input [ { name: "x" data_type: TYPE_FP32 dims: [16] } ]',
      'output [ { name: "y" data_type: TYPE_FP32 dims: [4] } ]',
      "dynamic_batching { }",
      ...Object.entries(parameters).map(
        ([key, value]) => `parameters { key: "${key}" value { string_value: "${value}" } }`,
      ),
    ];
    writeFileSync(join(repository, name, "config.pbtxt"), `${config.join("\n")}\n`);
  }
}
