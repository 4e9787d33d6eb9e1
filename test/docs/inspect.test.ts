import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/engine/addon-build.js";
import { runTandem } from "../cli/run-tandem.js";
import { artifact } from "../support/fixtures.js";
import { ModelFiles } from "../support/model-files.js";
import { TemporaryRepository } from "../support/repository.js";

const text = readFileSync(join(packageRoot, "docs/inspect.md"), "utf8");
const [words, net] = [...text.matchAll(/^```text\n(.*?)^```$/gms)].map(([, shown]) => shown as string);

test("docs/inspect.md shows what is printed of a TensorFlow model", () => {
  const repository = new TemporaryRepository({ words: "tf-table" });
  const { stdout } = runTandem(["inspect", join(repository.path, "words")], {});
  repository.remove();
  // The graph around the model is TensorFlow's, each version's its own.
  const comparable = (printed: string) =>
    printed.replace(/(TensorFlow|operations|constants) .*/g, "$1").replaceAll(repository.path, "/srv/models");
  assert.is(comparable(stdout), comparable(words as string));
});

test("docs/inspect.md shows what is printed of a TorchScript file", () => {
  const files = new ModelFiles({ "net.pt": readFileSync(artifact("torch-traced")) });
  const { stdout, stderr } = runTandem(["inspect", files.at("net.pt")], process.env);
  files.remove();
  assert.is(stdout.replaceAll(files.path, "/srv/models"), net, stderr);
});

test.run();
