import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type AddonBuild, builtAddonFile, packageRoot } from "../engine/addon-build.js";
import type { TorchRuntime } from "../engine/runtime.js";
import { runStep, SetupError } from "./setup-step.js";

const require = createRequire(import.meta.url);

export interface BuildPlace {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  /** A folder with cmake and ninja, for where `PATH` has none. */
  readonly toolFolder: string;
}

/**
 * Compiles one addon with cmake-js and puts it where `loadAddon` finds it. The build tree is kept: after a change to
 * the sources only what changed is compiled.
 */
export async function buildAddon(
  build: AddonBuild,
  torch: TorchRuntime | undefined,
  place: BuildPlace,
): Promise<void> {
  const output = await compileAddon(build, torch, place);
  const file = builtAddonFile(build, place.home);
  mkdirSync(dirname(file), { recursive: true });
  // Renamed into place, so that nobody loads half a file.
  copyFileSync(output, `${file}.${process.pid}`);
  renameSync(`${file}.${process.pid}`, file);
}

/** Compiles one addon and names the file made. `options` are further cmake-js options. */
export async function compileAddon(
  build: AddonBuild,
  torch: TorchRuntime | undefined,
  place: BuildPlace,
): Promise<string> {
  const definitions = {
    TANDEM_ENGINE: build.addon,
    TANDEM_NODE_INCLUDE: nodeApiFolders().join(";"),
    ...(build.addon === "torch" && torch
      ? { TANDEM_TORCH_DIR: torch.directory, TANDEM_TORCH_CXX11_ABI: torch.cxx11Abi ? 1 : 0 }
      : {}),
  };
  const settings = Object.entries(definitions).map(([name, value]) => `--CD${name}=${value}`);
  const tree = join(
    place.home,
    "build",
    `${build.variant}-${shortHash([packageRoot, ...settings].join("\n"))}`,
  );
  const common = ["--directory", packageRoot, "--out", tree, ...settings];
  const run = (title: string, args: readonly string[]) =>
    runStep({
      title,
      command: process.execPath,
      args: [require.resolve("cmake-js/bin/cmake-js"), ...args],
      cwd: packageRoot,
      env: { ...place.env, PATH: [place.env.PATH, place.toolFolder].filter(Boolean).join(delimiter) },
      log: join(place.home, "logs", `${build.variant}-${args[0]}.log`),
      progress: (line) => /^\[(\d+)[/%]\s*(\d+)?\]/.exec(line)?.[0].replace(/^\[(\d+)\/(\d+)\]$/, "$1 of $2"),
      advice: buildAdvice,
    });
  await run(`configuring the ${build.variant} addon`, ["configure", ...common]);
  const parallel = String(Math.max(1, availableParallelism()));
  await run(`compiling the ${build.variant} addon`, ["build", ...common, "--parallel", parallel]);
  const output = join(tree, "Release", `tandem_${build.addon}.node`);
  if (!existsSync(output)) throw new SetupError(`the build made no ${output}`);
  return output;
}

/** The headers of Node-API and its C++ wrapper, from npm: nothing is downloaded. */
function nodeApiFolders(): string[] {
  const { include_dir: nodeApi } = require("node-api-headers") as { include_dir: string };
  return [nodeApi, dirname(require.resolve("node-addon-api/package.json"))];
}

function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function buildAdvice(output: string): string | undefined {
  if (/No space left on device/i.test(output)) return "The disk is full.";
  if (/Killed|out of memory|cannot allocate memory/i.test(output)) {
    return "The compiler ran out of memory. Give it more, or let it do less at once: CMAKE_BUILD_PARALLEL_LEVEL=1.";
  }
  if (/No CMAKE_CXX_COMPILER|C\+\+ Compiler toolset is not available/i.test(output)) {
    return "A C++ compiler is needed: sudo apt-get install g++";
  }
  return undefined;
}
