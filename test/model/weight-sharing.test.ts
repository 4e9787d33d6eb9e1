import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runPython } from "../support/python.js";
import { memoryGrowth } from "./memory-growth.js";

const maker = fileURLToPath(new URL("make-modules.py", import.meta.url));

test("four instances of a module hold its weights once, unless they are told to share nothing", () => {
  const directory = mkdtempSync(join(tmpdir(), "tandem-sharing-"));
  try {
    const size = 200 * 2 ** 20;
    const [large, small] = [join(directory, "large.pt"), join(directory, "small.pt")];
    runPython(maker, [large, String(size / 4), small, "1"]);
    const grown = (parameters: object) =>
      memoryGrowth(large, small, {
        platform: "pytorch_libtorch",
        input: [{ name: "at", data_type: "TYPE_INT32", dims: [-1] }],
        output: [{ name: "y", data_type: "TYPE_FP32", dims: [-1] }],
        instance_group: [{ count: 4, kind: "KIND_CPU" }],
        parameters,
      }) / size;
    const byItself = grown({});
    const separate = grown({ ENABLE_WEIGHT_SHARING: { string_value: "false" } });
    assert.ok(byItself > 0.9 && byItself < 2, `by itself: ${byItself} times the weights`);
    assert.ok(separate > 3, `separate: ${separate} times the weights`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
