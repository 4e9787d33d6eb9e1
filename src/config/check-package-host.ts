import { invalidArgument } from "../inference/serving-error.js";

/** What a package's metadata says of where it runs; all of it may be missing. */
export interface PackageMetadata {
  /** `cpu`, `cuda` */
  readonly AOTI_DEVICE_KEY?: string;
  /** `linux`, as Python calls platforms */
  readonly AOTI_PLATFORM?: string;
  /** `x86_64`, `aarch64` */
  readonly AOTI_MACHINE?: string;
  /** Instruction sets of the processor that its kernels use: `AVX512 AVX512_VNNI` */
  readonly AOTI_CPU_ISA?: string;
  /** Of PyTorch, where `tandem compile` made it. */
  readonly TORCH_VERSION?: string;
}

/** What packages have to fit. */
export interface PackageHost {
  readonly platform: string;
  readonly machine: string;
  /** Flags of the processor, in lower case; undefined where the system does not tell. */
  readonly cpuFlags: ReadonlySet<string> | undefined;
  readonly torchVersion: string;
}

/**
 * Checks that this machine can run a package: machine code for another processor would end the process.
 *
 * @param devices that the instances run on: `cpu`, `cuda:0`; "" where the package decides
 * @throws {ServingError} INVALID_ARGUMENT, saying what the package was made for and what is here
 */
export function checkPackageHost(
  model: string,
  metadata: PackageMetadata,
  devices: readonly string[],
  host: PackageHost,
): void {
  const made = (what: string, here: string, advice = "compile it for this machine") =>
    invalidArgument(
      `unable to load model '${model}': the package was compiled for ${what}, ${here}; ${advice}`,
    );
  const { AOTI_PLATFORM: platform, AOTI_MACHINE: machine, TORCH_VERSION: version } = metadata;
  if (platform !== undefined && platform !== host.platform) throw made(platform, `this is ${host.platform}`);
  if (machine !== undefined && machineName(machine) !== machineName(host.machine)) {
    throw made(`${machine} processors`, `this is ${host.machine}`);
  }
  if (version !== undefined && minorVersion(version) !== minorVersion(host.torchVersion)) {
    throw made(
      `PyTorch ${version}`,
      `PyTorch ${host.torchVersion} is here`,
      "compile it again with this version",
    );
  }
  const lacking = missingFlags(metadata.AOTI_CPU_ISA ?? "", host.cpuFlags);
  if (lacking.length > 0) {
    throw made(`processors with ${metadata.AOTI_CPU_ISA}`, `this one has no ${lacking.join(", ")}`);
  }
  const kind = metadata.AOTI_DEVICE_KEY;
  const other = devices.find(
    (device) => kind !== undefined && device !== "" && device.split(":")[0] !== kind,
  );
  if (other !== undefined) {
    const wanted = kind === "cpu" ? "KIND_CPU" : "KIND_GPU";
    throw made(
      String(kind),
      `an instance of the model is on ${other}`,
      `give its instance_group kind: ${wanted} or compile it for ${other.split(":")[0]}`,
    );
  }
}

function machineName(machine: string): string {
  return machine === "arm64" ? "aarch64" : machine;
}

function minorVersion(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** What PyTorch's names of instruction sets mean in processor flags; names that are not here are not checked. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  AVX2: ["avx2", "fma"],
  AVX512: ["avx512f", "avx512dq", "avx512vl", "avx512bw", "fma"],
  AVX512_VNNI: ["avx512_vnni"],
  AMX_TILE: ["amx_tile", "amx_bf16", "amx_int8"],
  ASIMD: ["asimd"],
  NEON: ["asimd"],
  SVE: ["sve"],
  SVE256: ["sve"],
};

function missingFlags(instructionSets: string, flags: ReadonlySet<string> | undefined): string[] {
  if (flags === undefined) return [];
  return instructionSets
    .split(" ")
    .flatMap((name) => (flagsOf[name] ?? []).filter((flag) => !flags.has(flag)));
}
