/** Loads a model for each set of parameters (JSON) given, runs it once, and prints how many threads all that started. */
import { readdirSync, readFileSync } from "node:fs";
import { load } from "../../src/index.js";
import { fixture, fixtureCases } from "../support/fixtures.js";
import { threadCount } from "./thread-count.js";

/** Threads of TensorFlow's pools for whole operations: it names them, and does not name those inside operations. */
function interThreads(): number {
  return readdirSync("/proc/self/task").filter(
    (thread) => readFileSync(`/proc/self/task/${thread}/comm`, "utf8") === "tf_Compute\n",
  ).length;
}

const [first] = fixtureCases("tf-mlp");
const inputs = Object.fromEntries(first!.inputs.map((tensor) => [tensor.name, tensor]));
const before = threadCount();
const models = [];
for (const text of process.argv.slice(2)) {
  const given = Object.entries(JSON.parse(text) as Record<string, string>);
  const parameters = Object.fromEntries(given.map(([key, value]) => [key, { string_value: value }]));
  const model = await load(fixture("tf-mlp"), {
    config: { parameters, instance_group: [{ count: 1, kind: "KIND_CPU" }] },
  });
  await model.infer(inputs);
  models.push(model);
}
process.stdout.write(JSON.stringify({ all: threadCount() - before, inter: interThreads() }));
for (const model of models) await model.close();
