import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addonFile } from "../engine/addon.js";
import { type AddonName, addonBuild, packageRoot } from "../engine/addon-build.js";
import { findGpus } from "../engine/find-gpus.js";
import { findPython } from "../engine/find-python.js";
import { findTensorflow } from "../engine/find-tensorflow.js";
import { findTorch } from "../engine/find-torch.js";
import {
  ENGINE_TITLES,
  type EngineName,
  type Runtime,
  type RuntimeSearch,
  type TorchRuntime,
} from "../engine/runtime.js";
import { tandemHome } from "../engine/runtime-home.js";

/** What is there of one engine. */
export interface EngineReport {
  readonly engine: EngineName;
  /** Libraries found and addon there. */
  readonly usable: boolean;
  readonly version: string | undefined;
  /** The C API's library, or libtorch's folder. */
  readonly path: string | undefined;
  /** What led to it. */
  readonly from: string | undefined;
  /** `yes`, `no`, or `unknown` where nothing beside the library tells. */
  readonly cuda: "yes" | "no" | "unknown" | undefined;
  /** File of each addon the engine takes, undefined where it is not built. */
  readonly addons: Readonly<Record<string, string | undefined>>;
  /** Each thing that is wrong or could be better, with the command that mends it. */
  readonly advice: readonly string[];
  /** Where it was looked for in vain. */
  readonly tried: readonly string[];
}

export interface DoctorReport {
  readonly tandem: string;
  readonly node: string;
  readonly machine: string;
  readonly home: string;
  /** The version of the NVIDIA driver, undefined without one. */
  readonly nvidiaDriver: string | undefined;
  /** Ids of the GPUs that CUDA shows to this process. */
  readonly gpus: readonly number[];
  readonly engines: readonly EngineReport[];
  readonly hosts: HostsReport;
}

/** What is there for models in processes of their own. */
export interface HostsReport {
  /** The addon's file, undefined where it is not built. */
  readonly addon: string | undefined;
  /** The Python that runs `model.py`, and what led to it; undefined where none has torch. */
  readonly python: string | undefined;
  readonly from: string | undefined;
  readonly advice: readonly string[];
}

/** Looks at everything the engines need and loads none of it. */
export function doctorReport(env: NodeJS.ProcessEnv): DoctorReport {
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
  };
  return {
    tandem: version,
    node: process.versions.node,
    machine: `${process.platform}-${process.arch}`,
    home: tandemHome(env),
    nvidiaDriver: nvidiaDriver(),
    gpus: findGpus(),
    engines: [engineReport(findTensorflow(env), env), engineReport(findTorch(env), env)],
    hosts: hostsReport(env),
  };
}

function hostsReport(env: NodeJS.ProcessEnv): HostsReport {
  const addon = addonFile(addonBuild("host"), env);
  const { interpreter, from } = findPython(env);
  const advice: string[] = [];
  if (addon === undefined) advice.push("npx tandem setup   builds the addon");
  if (interpreter === undefined)
    advice.push("npx tandem setup torch   gives Python models a Python with torch");
  return { addon, python: interpreter, from, advice };
}

function engineReport(search: RuntimeSearch<Runtime>, env: NodeJS.ProcessEnv): EngineReport {
  const { engine, runtime } = search;
  const addons = runtime ? addonFiles(runtime, env) : {};
  const advice = runtime
    ? runtimeAdvice(runtime, addons)
    : [`npx tandem setup ${engine}   installs ${ENGINE_TITLES[engine]}`];
  return {
    engine,
    usable: runtime !== undefined && Object.values(addons).every(Boolean) && lacking(runtime).length === 0,
    version: runtime?.version,
    path: runtime?.engine === "torch" ? runtime.directory : runtime?.library,
    from: runtime?.from,
    cuda: runtime && (runtime.cuda === undefined ? "unknown" : runtime.cuda ? "yes" : "no"),
    addons,
    advice,
    tried: search.tried.map(({ place, reason }) => `${place.from}: ${place.path} ${reason}`),
  };
}

function addonFiles(runtime: Runtime, env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const torch = runtime.engine === "torch" ? runtime : undefined;
  const names: AddonName[] = torch ? ["preload", "torch"] : ["tensorflow"];
  if (torch && !torch.version) return { torch: undefined };
  return Object.fromEntries(names.map((name) => [name, addonFile(addonBuild(name, torch), env)]));
}

function lacking(runtime: Runtime): readonly string[] {
  return runtime.engine === "torch" ? runtime.missing : [];
}

function runtimeAdvice(runtime: Runtime, addons: Readonly<Record<string, string | undefined>>): string[] {
  const advice: string[] = [];
  if (lacking(runtime).length > 0) {
    advice.push(
      `libtorch cannot be loaded without ${lacking(runtime).join(", ")}: install torch with its dependencies`,
    );
  }
  if (Object.values(addons).includes(undefined)) {
    advice.push(
      `npx tandem setup ${runtime.engine}   builds the addon for ${ENGINE_TITLES[runtime.engine]} ${runtime.version ?? ""}`,
    );
  }
  if (runtime.engine === "torch") advice.push(...torchAdvice(runtime));
  else if (nvidiaDriver() && runtime.cuda === false)
    advice.push("npx tandem setup tensorflow --cuda   uses the GPU");
  return advice;
}

function torchAdvice(torch: TorchRuntime): string[] {
  const advice: string[] = [];
  if (!torch.version)
    advice.push("libtorch does not tell its version: neither version.py nor build-version is there");
  if (!torch.headers)
    advice.push("libtorch is there without its C++ headers: an addon can only be used prebuilt");
  if (nvidiaDriver() && !torch.cuda) advice.push("npx tandem setup torch --cuda   uses the GPU");
  return advice;
}

function nvidiaDriver(): string | undefined {
  const file = "/proc/driver/nvidia/version";
  if (!existsSync(file)) return undefined;
  return /Kernel Module\D*([\d.]+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "unknown version";
}
