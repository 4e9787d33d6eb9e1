import { test } from "uvu";
import * as assert from "uvu/assert";

test("importing the package gives its public names and loads no native code", async () => {
  const before = sharedObjects();
  const names = Object.keys(await import("../src/index.js"));
  for (const name of [
    "load",
    "Model",
    "Repository",
    "Tensor",
    "ServingError",
    "Code",
    "serve",
    "fastifyPlugin",
  ]) {
    assert.ok(names.includes(name), name);
  }
  const loaded = sharedObjects().filter((path) => !before.includes(path));
  assert.equal(
    loaded.filter((path) => /\.node$|libtensorflow|libtorch/.test(path)),
    [],
  );
});

/** The libraries mapped into this process. */
function sharedObjects(): string[] {
  return (process.report?.getReport() as unknown as { sharedObjects: string[] }).sharedObjects;
}

test.run();
