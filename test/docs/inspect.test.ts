import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/engine/addon-build.js";
import { runTandem } from "../cli/run-tandem.js";
import { TemporaryRepository } from "../support/repository.js";

test("docs/inspect.md shows what is printed", () => {
  const text = readFileSync(join(packageRoot, "docs/inspect.md"), "utf8");
  const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(text) ?? [];
  const repository = new TemporaryRepository({ words: "tf-table" });
  const { stdout } = runTandem(["inspect", join(repository.path, "words")], {});
  repository.remove();
  // The graph around the model is TensorFlow's, each version's its own.
  const comparable = (printed: string) =>
    printed.replace(/(TensorFlow|operations|constants) .*/g, "$1").replaceAll(repository.path, "/srv/models");
  assert.is(comparable(stdout), comparable(shown));
});

test.run();
