import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/engine/addon-build.js";
import { load, type Tensor } from "../../src/index.js";
import { ModelFiles } from "../support/model-files.js";

/** The block of one language in docs/python-models.md. */
function block(language: string): string {
  const text = readFileSync(join(packageRoot, "docs/python-models.md"), "utf8");
  return new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "ms").exec(text)?.[1] ?? "";
}

test("the model of docs/python-models.md runs", async () => {
  const files = new ModelFiles({
    "scale/config.pbtxt": block("protobuf"),
    "scale/1/model.py": block("python"),
  });
  try {
    await using model = await load(files.at("scale"), { logger: { info() {}, warn() {}, error() {} } });
    const { y } = await model.infer({
      x: [
        [1, 2],
        [3, 4],
      ],
      bias: [[0], [1]],
    });
    assert.equal([...((y as Tensor).data as Float32Array)], [1, 20, 4, 41]);
  } finally {
    files.remove();
  }
});

test.run();
