// Loads a model with a configuration (JSON) and prints by how many bytes of resident memory that grew.
import { readFileSync } from "node:fs";
import { load } from "../../src/model/load.js";

const [path = "", small = "", text = ""] = process.argv.slice(2);
const config = JSON.parse(text) as object;

function residentBytes(): number {
  return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096;
}

// What the engine itself takes is there before anything is measured.
const first = await load(small, { config });
await first.infer({ at: Int32Array.of(0) });
const before = residentBytes();
const model = await load(path, { config });
await model.infer({ at: Int32Array.of(0) });
process.stdout.write(`${residentBytes() - before}\n`);
await Promise.all([model.close(), first.close()]);
