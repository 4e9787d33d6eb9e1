/**
 * Fills `prebuilds/` with the addons for this machine, by prebuildify: the TensorFlow addon, the host and preload addons, and the
 * torch addon for the libtorch found.
 *
 *     npm run prebuild                                all of them
 *     npm run prebuild -- tensorflow --out=folder     some of them, elsewhere
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { addonBuild } from "../lib/engine/addon-build.js";
import { findTorch } from "../lib/engine/find-torch.js";
import { requireRuntime } from "../lib/engine/runtime.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const prebuildify = createRequire(import.meta.url).resolve("prebuildify/bin.js");
const arguments_ = process.argv.slice(2);
const out = resolve(
  arguments_.find((word) => word.startsWith("--out="))?.slice("--out=".length) ?? join(root, "prebuilds"),
);
const named = arguments_.filter((word) => !word.startsWith("--"));

for (const addon of named.length > 0 ? named : ["tensorflow", "host", "preload", "torch"]) {
  const torch = addon === "torch" ? requireRuntime(findTorch()) : undefined;
  const { variant, sourceHash } = addonBuild(addon, torch);
  const folder = join(out, variant);
  const stage = join(root, "build/prebuild", variant);
  for (const path of [folder, stage]) {
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
  }
  const nodeGyp = join(root, "scripts/node-gyp-by-cmake-js.mjs");
  const options = ["--napi", "--strip", "--tag-libc", `--name=tandem_${addon}`, `--node-gyp=${nodeGyp}`];
  const { status } = spawnSync(
    process.execPath,
    [prebuildify, ...options, `--cwd=${stage}`, `--out=${folder}`],
    {
      env: { ...process.env, TANDEM_ADDON: addon },
      stdio: "inherit",
    },
  );
  if (status !== 0) process.exit(1);
  writeFileSync(join(folder, "built-from.json"), `${JSON.stringify({ sourceHash })}\n`);
  process.stderr.write(`prebuilt ${variant} in ${folder}\n`);
}
