import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { missingLibraries } from "./find-missing-libraries.js";
import { readText, sitePackagesOfEnvironment } from "./find-site-packages.js";
import { type RuntimePlace, type RuntimeSearch, searchRuntime, type TorchRuntime } from "./runtime.js";
import { runtimePlaces } from "./runtime-places.js";

/**
 * Finds libtorch. Order: `TANDEM_TORCH` or `LIBTORCH` (a libtorch folder, a library in it, a Python environment or
 * site-packages with torch), Python environments, the managed runtime, the system's library folders.
 */
export function findTorch(env: NodeJS.ProcessEnv = process.env): RuntimeSearch<TorchRuntime> {
  return searchRuntime("torch", runtimePlaces("torch", env), (place) => torchAt(place, env));
}

function torchAt(place: RuntimePlace, env: NodeJS.ProcessEnv): TorchRuntime | string {
  const status = statSync(place.path, { throwIfNoEntry: false });
  if (!status) return "does not exist";
  const directory = torchDirectory(status.isFile() ? dirname(place.path) : place.path);
  if (!directory) return "holds no lib/libtorch_cpu.so";
  const file = (name: string) => join(directory, "lib", name);
  const builtWithCuda = existsSync(file("libtorch_cuda.so"));
  const cudaMissing = builtWithCuda ? missingLibraries(file("libtorch_cuda.so"), env) : [];
  const cuda = builtWithCuda && cudaMissing.length === 0;
  return {
    engine: "torch",
    from: place.from,
    version: torchVersion(directory),
    directory,
    libraries: ["libc10.so", "libtorch_cpu.so", ...(cuda ? ["libc10_cuda.so", "libtorch_cuda.so"] : [])].map(
      file,
    ),
    headers: existsSync(join(directory, "include/torch/csrc/jit/api/module.h")),
    cuda,
    cudaVersion: builtWithCuda ? cudaVersion(directory) : undefined,
    cudaMissing,
    missing: missingLibraries(file("libtorch_cpu.so"), env),
    cxx11Abi: !/_GLIBCXX_USE_CXX11_ABI=0/.test(
      readText(join(directory, "share/cmake/Torch/TorchConfig.cmake")),
    ),
  };
}

function torchDirectory(folder: string): string | undefined {
  const environments = sitePackagesOfEnvironment(folder).map((site) => join(site, "torch"));
  return [folder, join(folder, "torch"), join(folder, "libtorch"), dirname(folder), ...environments].find(
    (candidate) =>
      existsSync(join(candidate, "lib/libtorch_cpu.so")) && existsSync(join(candidate, "lib/libc10.so")),
  );
}

function torchVersion(directory: string): string | undefined {
  const wheel = /^__version__ = '([^']+)'/m.exec(readText(join(directory, "version.py")))?.[1];
  if (wheel) return wheel;
  const archive = readText(join(directory, "build-version")).trim();
  if (archive) return archive;
  for (const header of ["torch/headeronly/version.h", "torch/csrc/api/include/torch/version.h"]) {
    const text = readText(join(directory, "include", header));
    const stated = /#define TORCH_VERSION "([^"]+)"/.exec(text)?.[1];
    if (stated) return stated;
  }
  return undefined;
}

function cudaVersion(directory: string): string | undefined {
  return /^cuda(?::[^=]*)? = '([^']+)'/m.exec(readText(join(directory, "version.py")))?.[1];
}
