// Loads a model with shared or separate sessions and prints by how many bytes of resident memory that grew.
import { readFileSync } from "node:fs";
import { load } from "../../src/model/load.js";

const [path = "", instances, shareCount, small = ""] = process.argv.slice(2);

function residentBytes(): number {
  return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096;
}

// What TensorFlow itself takes is there before anything is measured.
const first = await load(small);
await first.infer({ at: Int32Array.of(0) });
const before = residentBytes();
const model = await load(path, {
  config: {
    instance_group: [{ count: Number(instances), kind: "KIND_CPU" }],
    parameters: {
      MAX_SESSION_SHARE_COUNT: { string_value: shareCount },
      // Else the model is loaded several times to find the best plan, and TensorFlow keeps that memory.
      EXECUTION_PLAN: { string_value: "caller-thread" },
    },
  },
});
await model.infer({ at: Int32Array.of(0) });
process.stdout.write(`${residentBytes() - before}\n`);
await Promise.all([model.close(), first.close()]);
