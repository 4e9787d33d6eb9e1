import type { EngineName } from "../engine/runtime.js";

/** What `tandem setup` installs, as pip's requirements, and what that costs. One place to change a version. */

/** `slim`: what the addons need. `full`: what any Python program needs. `cuda`: with all of CUDA. */
export type Variant = "slim" | "full" | "cuda";

export interface Pin {
  /** For people. */
  readonly title: string;
  readonly version: string;
  /** The package, and what is installed with its dependencies besides it. */
  readonly requirement: string;
  /** Whether pip follows the package's own list of dependencies. */
  readonly dependencies: boolean;
  /** Packages installed beside it, with their dependencies. */
  readonly beside: readonly string[];
  /** Packages that own the same files and have to go first. */
  readonly replaces: readonly string[];
  /** Measured on Linux x86-64 with Python 3.11; the order of magnitude is what matters. */
  readonly downloadMegabytes: number;
  readonly diskMegabytes: number;
}

/** The Python versions for which all the packages below are published. */
export const PYTHON_VERSIONS = ["3.11", "3.12", "3.13"] as const;

const TENSORFLOW_VERSION = "2.21.0";
const TORCH_VERSION = "2.15.0";

/** What `import torch` needs besides its libraries; small, pure Python but for NumPy. */
const TORCH_PYTHON = [
  "filelock",
  "fsspec",
  "jinja2",
  "networkx",
  "numpy",
  "sympy",
  "typing_extensions>=4.13",
];

export function pin(engine: EngineName, variant: Variant): Pin {
  return engine === "tensorflow" ? tensorflowPin(variant) : torchPin(variant);
}

function tensorflowPin(variant: Variant): Pin {
  const cuda = variant === "cuda";
  const cpuPackage = process.arch === "x64" ? "tensorflow-cpu" : "tensorflow";
  return {
    title: `TensorFlow ${TENSORFLOW_VERSION} (${cuda ? "with CUDA" : "CPU"})`,
    version: TENSORFLOW_VERSION,
    requirement: `${cuda ? "tensorflow[and-cuda]" : cpuPackage}==${TENSORFLOW_VERSION}`,
    dependencies: true,
    beside: [],
    replaces: cuda ? ["tensorflow-cpu"] : [],
    ...(cuda
      ? { downloadMegabytes: 3200, diskMegabytes: 6500 }
      : { downloadMegabytes: 350, diskMegabytes: 1500 }),
  };
}

function torchPin(variant: Variant): Pin {
  const slim = variant === "slim";
  return {
    title: `PyTorch ${TORCH_VERSION} (${slim ? "what its C++ library needs" : "with all its dependencies"})`,
    version: TORCH_VERSION,
    requirement: `torch==${TORCH_VERSION}`,
    dependencies: !slim,
    beside: slim ? TORCH_PYTHON : ["numpy"],
    replaces: [],
    ...(slim
      ? { downloadMegabytes: 560, diskMegabytes: 1500 }
      : { downloadMegabytes: 2600, diskMegabytes: 5200 }),
  };
}

/**
 * The wheels that hold the shared libraries which a CUDA build of libtorch_cpu.so links to. PyPI's torch for Linux is
 * such a build; a CPU build links to none, and then nothing is installed.
 *
 * @param missing sonames, such as `libcudart.so.13`
 * @param cudaVersion what torch was built for, such as `13.2`
 */
export function cudaWheels(missing: readonly string[], cudaVersion: string): string[] {
  const names: Record<string, string> = { libcudart: "nvidia-cuda-runtime", libcupti: "nvidia-cuda-cupti" };
  const major = Number.parseInt(cudaVersion, 10);
  const suffix = major < 13 ? `-cu${major}` : "";
  return missing.flatMap((soname) => {
    const name = names[soname.split(".")[0] ?? ""];
    return name ? [`${name}${suffix}==${cudaVersion}.*`] : [];
  });
}
