import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { Code, ServingError } from "../inference/serving-error.js";
import { type AddonBuild, type AddonName, addonBuild, builtAddonFile, packageRoot } from "./addon-build.js";
import { findTorch } from "./find-torch.js";
import { requireRuntime, type TorchRuntime } from "./runtime.js";
import { tandemHome } from "./runtime-home.js";

const require = createRequire(import.meta.url);

/** What `tandem_preload.node` exports: loads shared libraries by absolute path, in order, and keeps them. */
interface PreloadAddon {
  preload(paths: readonly string[]): void;
}

const loaded = new Map<AddonName, unknown>();

/**
 * Loads an addon on first use in this thread; later calls give the same exports. For `torch` the libraries of the
 * libtorch found are loaded first: the addon names them without a path, and the loader then takes those in memory.
 *
 * @throws {ServingError} `UNAVAILABLE` if the engine or a fitting addon is missing, naming the command which mends it;
 *   `FAILED_PRECONDITION` if a library is there and cannot be loaded
 */
export function loadAddon<Exports>(addon: AddonName, env: NodeJS.ProcessEnv = process.env): Exports {
  if (!loaded.has(addon))
    loaded.set(addon, addon === "torch" ? loadTorchAddon(env) : load(addonBuild(addon), env));
  return loaded.get(addon) as Exports;
}

function loadTorchAddon(env: NodeJS.ProcessEnv): unknown {
  const torch = requireRuntime(findTorch(env));
  const build = torchBuild(torch);
  const file = requireAddonFile(build, env);
  const { preload } = loadAddon<PreloadAddon>("preload", env);
  try {
    preload(torch.libraries);
  } catch (error) {
    throw new ServingError(Code.FAILED_PRECONDITION, cannotLoadTorch(torch, error), { cause: error });
  }
  return requireFile(file);
}

function torchBuild(torch: TorchRuntime): AddonBuild {
  if (torch.version) return addonBuild("torch", torch);
  throw new ServingError(
    Code.FAILED_PRECONDITION,
    `libtorch in ${torch.directory} does not tell its version: neither version.py nor build-version is there`,
  );
}

function cannotLoadTorch(torch: TorchRuntime, error: unknown): string {
  const missing = torch.missing.length > 0 ? ` (missing: ${torch.missing.join(", ")})` : "";
  return `cannot load libtorch from ${torch.directory}${missing}: ${(error as Error).message}`;
}

function load(build: AddonBuild, env: NodeJS.ProcessEnv): unknown {
  return requireFile(requireAddonFile(build, env));
}

function requireFile(file: string): unknown {
  try {
    return require(file);
  } catch (error) {
    throw new ServingError(Code.FAILED_PRECONDITION, `cannot load ${file}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function requireAddonFile(build: AddonBuild, env: NodeJS.ProcessEnv): string {
  const file = addonFile(build, env);
  if (file) return file;
  const engine = build.addon === "preload" ? " torch" : build.addon === "host" ? "" : ` ${build.addon}`;
  throw new ServingError(
    Code.UNAVAILABLE,
    `the ${build.variant} addon is not built for ${process.platform}-${process.arch}; ` +
      `\`npx tandem setup${engine}\` builds it`,
  );
}

/**
 * The addon's file, undefined where there is none: `TANDEM_ADDONS` (a folder with `tandem_<addon>.node`, whatever it
 * was built from), the build under Tandem's folder, a prebuilt of the same sources.
 */
export function addonFile(build: AddonBuild, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env.TANDEM_ADDONS;
  const files = [
    ...(named ? [join(resolve(named), `tandem_${build.addon}.node`)] : []),
    builtAddonFile(build, tandemHome(env)),
  ];
  return files.find((file) => existsSync(file)) ?? prebuiltAddonFile(build);
}

/** One folder per variant, as node-gyp-build resolves one addon per folder. `built-from.json` tells its sources. */
export function prebuiltAddonFolder(build: AddonBuild): string {
  return join(packageRoot, "prebuilds", build.variant);
}

/** The addon in a folder that `npm run prebuild` made, if it was built from the sources that are here. */
export function prebuiltAddonFile(
  build: AddonBuild,
  folder: string = prebuiltAddonFolder(build),
): string | undefined {
  try {
    const { sourceHash } = JSON.parse(readFileSync(join(folder, "built-from.json"), "utf8"));
    if (sourceHash !== build.sourceHash) return undefined;
    return (require("node-gyp-build") as { resolve(folder: string): string }).resolve(folder);
  } catch {
    return undefined; // not prebuilt, or not for this machine
  }
}
