// Loads a model in a process of its own three times, and prints the resident bytes of this process and its children:
// before, then with the model loaded, then with it closed, by turns.
import { readFileSync } from "node:fs";
import { load } from "../../src/model/load.js";
import { hostProcesses } from "../support/isolated-model.js";

function residentBytes(): number {
  const ids = [process.pid, ...hostProcesses()];
  return ids.reduce(
    (sum, id) => sum + Number(readFileSync(`/proc/${id}/statm`, "utf8").split(" ")[1]) * 4096,
    0,
  );
}

const [path = ""] = process.argv.slice(2);
const resident = [residentBytes()];
for (let cycle = 0; cycle < 3; cycle++) {
  const model = await load(path, {
    config: { backend: "python", platform: "tensorflow_savedmodel" },
    logger: { info() {}, warn() {}, error() {} },
  });
  await model.infer({ at: Int32Array.of(0) });
  resident.push(residentBytes());
  await model.close();
  resident.push(residentBytes());
}
process.stdout.write(`${JSON.stringify(resident)}\n`);
