import { test } from "uvu";
import * as assert from "uvu/assert";
import { Repository } from "../../src/model/repository.js";
import { serve } from "../../src/server/serve.js";
import { hostProcesses, until } from "../support/isolated-model.js";
import { ModelFiles } from "../support/model-files.js";
import { post } from "./http-client.js";

const module = `
import torch

class Double(torch.nn.Module):
    def forward(self, x):
        return x * 2
`;
const tensors = `
  input { name: "x" data_type: TYPE_FP32 dims: 2 } output { name: "y" data_type: TYPE_FP32 dims: 2 }
  parameters { key: "TORCH_COMPILE" value { string_value: "false" } }`;

const files = new ModelFiles({
  "platform/config.pbtxt": `backend: "python" platform: "pytorch" ${tensors}`,
  "platform/1/model.py": module,
  "runtime/config.pbtxt": `backend: "pytorch" runtime: "model.py" ${tensors}`,
  "runtime/1/model.py": module,
  "own/config.pbtxt": `backend: "python" ${tensors}`,
  "own/1/model.py": "class TritonPythonModel: pass",
  "empty/config.pbtxt": `backend: "python" platform: "pytorch" ${tensors}`,
  "empty/1/": "",
});
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const repository = new Repository(files.path, { modelControl: "explicit", logger });
await repository.load();
const server = await serve(repository, {
  httpAddress: "127.0.0.1",
  httpPort: 0,
  allowMetrics: false,
  logger,
});
const url = `http://127.0.0.1:${server.httpPort}/v2`;
const control = (name: string, action: string) => post(`${url}/repository/models/${name}/${action}`);

for (const [name, platform] of [
  ["platform", "pytorch"],
  ["runtime", "pytorch_libtorch"],
] as const) {
  test(`a module of model.py, by its ${name}, runs in Python from its load to its unload`, async () => {
    const load = await control(name, "load");
    assert.is(load.status, 200, load.text);
    assert.is(hostProcesses().length, 1);
    assert.is(repository.model(name).metadata.platform, platform);
    const input = { name: "x", datatype: "FP32", shape: [2], data: [3, 4] };
    const answer = await post(`${url}/models/${name}/infer`, JSON.stringify({ inputs: [input] }));
    assert.equal(JSON.parse(answer.text).outputs[0].data, [6, 8]);
    assert.is((await control(name, "unload")).status, 200);
    await until("its process has ended", () => hostProcesses().length === 0);
  });
}

test("a model's own class is refused with what to do instead", async () => {
  const { status, text } = await control("own", "load");
  assert.is(status, 400);
  assert.match(
    text,
    "Unsupported: model 'own': Python models with a TritonPythonModel class are not implemented",
  );
});

test("a version without a model is told by where it was looked for", async () => {
  const { status, text } = await control("empty", "load");
  assert.is(status, 400);
  assert.match(text, `Unavailable: No model found in ${files.at("empty/1")}/[model.py, model.pt]`);
});

test.after(async () => {
  await server.close();
  files.remove();
});
test.run();
