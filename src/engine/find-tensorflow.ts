import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { childrenMatching, readText, sitePackagesOfEnvironment } from "./find-site-packages.js";
import { type RuntimePlace, type RuntimeSearch, searchRuntime, type TensorflowRuntime } from "./runtime.js";
import { runtimePlaces } from "./runtime-places.js";

/** Files which export TensorFlow's C API: that of the Python package first, then that of the libtensorflow archives. */
const LIBRARY_NAMES = [
  /^libtensorflow_cc\.so\.2$/,
  /^libtensorflow\.so\.2$/,
  /^libtensorflow(_cc)?\.so\.2\.\d+\.\d+$/,
  /^libtensorflow(_cc)?\.so$/,
];

const DIST_INFO =
  /^(?:tensorflow(?:_(?:cpu|gpu|intel|rocm|aarch64|cpu_aws))?|tf_nightly(?:_cpu)?)-([^-]+)\.dist-info$/;

/**
 * Finds TensorFlow's libraries. Order: `TANDEM_TENSORFLOW` (the library, a folder holding it, or a Python environment
 * with it), Python environments, the managed runtime, the system's library folders.
 */
export function findTensorflow(env: NodeJS.ProcessEnv = process.env): RuntimeSearch<TensorflowRuntime> {
  return searchRuntime("tensorflow", runtimePlaces("tensorflow", env), tensorflowAt);
}

function tensorflowAt(place: RuntimePlace): TensorflowRuntime | string {
  const status = statSync(place.path, { throwIfNoEntry: false });
  if (!status) return "does not exist";
  const library = status.isFile() ? place.path : libraryUnder(place.path);
  if (!library) return "holds no libtensorflow_cc.so.2 or libtensorflow.so.2";
  if (!/^libtensorflow.*\.so/.test(basename(library))) return "is not a libtensorflow library";
  return {
    engine: "tensorflow",
    from: place.from,
    version: tensorflowVersion(library),
    library,
    cuda: builtWithCuda(library),
  };
}

function libraryUnder(folder: string): string | undefined {
  const nested = [folder, join(folder, "lib"), join(folder, "tensorflow")];
  for (const candidate of [
    ...nested,
    ...sitePackagesOfEnvironment(folder).map((site) => join(site, "tensorflow")),
  ]) {
    for (const pattern of LIBRARY_NAMES) {
      const name = childrenMatching(candidate, pattern).at(-1);
      if (name) return join(candidate, name);
    }
  }
  return undefined;
}

function tensorflowVersion(library: string): string | undefined {
  const folder = dirname(library);
  const wheel = childrenMatching(dirname(folder), DIST_INFO).at(-1);
  if (wheel && existsSync(join(folder, "__init__.py"))) return DIST_INFO.exec(wheel)?.[1];
  const named = /\.so\.(\d+\.\d+\.\d+)$/.exec(basename(realpathSync(library)))?.[1];
  return named ?? headerVersion(join(folder, "include")) ?? headerVersion(join(folder, "..", "include"));
}

function headerVersion(include: string): string | undefined {
  for (const name of ["release_version.h", "version.h"]) {
    const text = readText(join(include, "tensorflow/core/public", name));
    const [major, minor, patch] = ["MAJOR", "MINOR", "PATCH"].map(
      (part) => new RegExp(`#define TF_${part}_VERSION (\\d+)`).exec(text)?.[1],
    );
    if (major && minor && patch) return `${major}.${minor}.${patch}`;
  }
  return undefined;
}

function builtWithCuda(library: string): boolean | undefined {
  const info = readText(join(dirname(library), "python/platform/build_info.py"));
  const stated = /'is_cuda_build', (True|False)/.exec(info)?.[1];
  return stated === undefined ? undefined : stated === "True";
}
