import { spawnSync } from "node:child_process";
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

test("a program that only embeds models does not load the server", () => {
  const script = `
    import { createRequire } from "node:module";
    await import(${JSON.stringify(new URL("../src/index.ts", import.meta.url).href)});
    const loaded = Object.keys(createRequire(process.cwd() + "/").cache);
    process.stdout.write(loaded.filter((path) => path.includes("/node_modules/fastify/")).join(" "));
  `;
  const child = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.equal({ status: child.status, fastify: child.stdout }, { status: 0, fastify: "" }, child.stderr);
});

/** The libraries mapped into this process. */
function sharedObjects(): string[] {
  return (process.report!.getReport() as unknown as { sharedObjects: string[] }).sharedObjects;
}

test.run();
