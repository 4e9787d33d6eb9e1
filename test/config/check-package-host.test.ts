import { test } from "uvu";
import {
  checkPackageHost,
  type PackageHost,
  type PackageMetadata,
} from "../../src/config/check-package-host.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

const host: PackageHost = {
  platform: "linux",
  machine: "x86_64",
  cpuFlags: new Set(["avx2", "fma", "avx512f", "avx512dq", "avx512vl", "avx512bw"]),
  torchVersion: "2.15.0",
};
const made: PackageMetadata = {
  AOTI_DEVICE_KEY: "cpu",
  AOTI_PLATFORM: "linux",
  AOTI_MACHINE: "x86_64",
  AOTI_CPU_ISA: "AVX512",
  TORCH_VERSION: "2.15.1+cu132",
};
const check = (metadata: PackageMetadata, devices = ["cpu"], here: Partial<PackageHost> = {}) =>
  checkPackageHost("m", metadata, devices, { ...host, ...here });

test("a package of this machine is taken, and one that tells nothing", () => {
  check(made);
  check({});
  check({ ...made, AOTI_CPU_ISA: "INVALID_VEC_ISA" });
  check({ ...made, AOTI_MACHINE: "aarch64" }, ["cpu"], { machine: "arm64" });
  check({ ...made, AOTI_CPU_ISA: "AVX512 AMX_TILE" }, ["cpu"], { cpuFlags: undefined });
});

test("another system, processor, version of PyTorch", () => {
  for (const [change, reason] of [
    [{ AOTI_PLATFORM: "darwin" }, "darwin, this is linux; compile it for this machine"],
    [{ AOTI_MACHINE: "aarch64" }, "aarch64 processors, this is x86_64; compile it for this machine"],
    [
      { AOTI_CPU_ISA: "AVX512 AVX512_VNNI" },
      "processors with AVX512 AVX512_VNNI, this one has no avx512_vnni; compile it for this machine",
    ],
    [{ TORCH_VERSION: "2.9.1" }, "PyTorch 2.9.1, PyTorch 2.15.0 is here; compile it again with this version"],
  ] as const) {
    rejects(
      () => check({ ...made, ...change }),
      Code.INVALID_ARGUMENT,
      `unable to load model 'm': the package was compiled for ${reason}`,
    );
  }
});

test("instances have to be on the device that it was compiled for; KIND_MODEL is on it", () => {
  check({ ...made, AOTI_DEVICE_KEY: "cuda" }, ["cuda:0", "cuda:1"]);
  check({ ...made, AOTI_DEVICE_KEY: "cuda" }, [""]);
  rejects(
    () => check({ ...made, AOTI_DEVICE_KEY: "cuda" }),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm': the package was compiled for cuda, an instance of the model is on cpu; " +
      "give its instance_group kind: KIND_GPU or compile it for cpu",
  );
  rejects(
    () => check(made, ["cpu", "cuda:1"]),
    Code.INVALID_ARGUMENT,
    /compiled for cpu, an instance of the model is on cuda:1; give its instance_group kind: KIND_CPU or compile it for cuda/,
  );
});

test.run();
