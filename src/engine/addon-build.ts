import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineName, TorchRuntime } from "./runtime.js";

/**
 * The compiled parts: one addon per engine, the one that puts libtorch into memory before torch's is loaded, and the one
 * that reaches models in processes of their own.
 */
export type AddonName = EngineName | "preload" | "host";

/** The root of this package: where `native/`, `CMakeLists.txt` and `prebuilds/` are. */
export const packageRoot = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");

/** The Node-API version that the addons are compiled for; Node.js 20 and later have it. */
export const NAPI_VERSION = 9;

/** An addon's build of one kind: the same for everyone who has the same sources, the same engine ABI and machine. */
export interface AddonBuild {
  readonly addon: AddonName;
  /** `tensorflow`, `preload`, `torch-2.15.0`: libtorch's ABI changes with every version. */
  readonly variant: string;
  /** What it is built from: the hash of `native/` and `CMakeLists.txt`. */
  readonly sourceHash: string;
  /** Name of the folder that holds a local build. */
  readonly key: string;
}

/**
 * @param torch the libtorch to build for or to run with; only the torch addon depends on it
 * @throws {Error} for the torch addon without `torch` or where its version is unknown
 */
export function addonBuild(addon: AddonName, torch?: TorchRuntime): AddonBuild {
  const variant = addon === "torch" ? torchVariant(torch) : addon;
  const hash = sourceHash();
  const machine = `${process.platform}-${process.arch}`;
  return { addon, variant, sourceHash: hash, key: `${variant}-${hash}-napi${NAPI_VERSION}-${machine}` };
}

/** The local build's file under Tandem's folder. */
export function builtAddonFile(build: AddonBuild, home: string): string {
  return join(home, "addons", build.key, `tandem_${build.addon}.node`);
}

function torchVariant(torch: TorchRuntime | undefined): string {
  const version = torch?.version?.split("+")[0];
  if (!torch || !version)
    throw new Error("the torch addon is built for one libtorch version, and that is unknown");
  return `torch-${version}${torch.cxx11Abi ? "" : "-abi0"}`;
}

let knownHash: string | undefined;

/** 12 hexadecimal digits that stand for the C++ sources and their build description. */
export function sourceHash(): string {
  knownHash ??= hashOf(packageRoot);
  return knownHash;
}

function hashOf(root: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(join(root, "native"), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(cc|cpp|c|h|hpp|cmake|map|txt)$/.test(name))
    .map((name) => join("native", name));
  for (const name of ["CMakeLists.txt", ...files.sort()]) {
    const path = join(root, name);
    if (existsSync(path)) hash.update(name).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}
