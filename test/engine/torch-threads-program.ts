/** Loads a model for each set of parameters (JSON) given, runs it once, and prints how many threads there are then. */
import { load } from "../../src/index.js";
import { fixture } from "../support/fixtures.js";
import { threadCount } from "./thread-count.js";

const warnings: string[] = [];
const models = [];
for (const text of process.argv.slice(2)) {
  const given = Object.entries({ EXECUTION_PLAN: "plain", ...(JSON.parse(text) as Record<string, string>) });
  const model = await load(fixture("torch-forks"), {
    config: {
      parameters: Object.fromEntries(given.map(([key, value]) => [key, { string_value: value }])),
      input: [{ name: "INPUT__0", data_type: "TYPE_FP32", dims: [-1] }],
      output: [{ name: "OUTPUT__0", data_type: "TYPE_FP32", dims: [-1] }],
      instance_group: [{ count: 1, kind: "KIND_CPU" }],
    },
    logger: { info() {}, warn: (message) => warnings.push(message), error() {} },
  });
  // Enough elements for libtorch to hand an addition to several threads.
  await model.infer({ INPUT__0: new Float32Array(1 << 20) });
  models.push(model);
}
process.stdout.write(JSON.stringify({ threads: threadCount(), warnings }));
for (const model of models) await model.close();
