import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { addonFile } from "../engine/addon.js";
import { type AddonBuild, type AddonName, addonBuild, packageRoot } from "../engine/addon-build.js";
import { findTensorflow } from "../engine/find-tensorflow.js";
import { findTorch } from "../engine/find-torch.js";
import { ENGINE_TITLES, type EngineName, type Runtime, requireRuntime } from "../engine/runtime.js";
import { managedVenv, tandemHome } from "../engine/runtime-home.js";
import { type BuildPlace, buildAddon } from "./setup-addons.js";
import { SetupEnvironment } from "./setup-environment.js";
import { cudaWheels, type Pin, pin, type Variant } from "./setup-pins.js";
import { SetupError } from "./setup-step.js";
import { findPython, missingBuildTools, requireCompiler, requireDisk, size } from "./setup-tools.js";

export interface SetupOptions {
  readonly engines: readonly EngineName[];
  /** Builds with CUDA. */
  readonly cuda: boolean;
  /** Python packages with all their dependencies, for any use of them from Python. */
  readonly python: boolean;
  /** Names of further requirement lists, `python/requirements-<name>.txt`; they live beside both engines. */
  readonly extras: readonly string[];
  /** Only what the addon is built from, no addon. */
  readonly build: boolean;
}

/** A part of the managed environment that is not there yet. */
interface Missing {
  readonly engine: EngineName;
  readonly variant: Variant;
  readonly pin: Pin;
}

/**
 * Makes engines ready to use: installs what discovery does not find, builds the addons that fit what it finds. What is
 * done already costs a look.
 *
 * @throws {SetupError} saying what is missing on this machine and how to get it
 */
export async function setup(options: SetupOptions, env: NodeJS.ProcessEnv): Promise<void> {
  const home = tandemHome(env);
  const environment = new SetupEnvironment(home, env);
  const missing = options.engines.flatMap((engine) => missingPart(engine, options, environment, env));
  const extras = ownsPython(env)
    ? []
    : options.extras.filter((name) => environment.done(name) !== extraList(name));
  if (missing.length + extras.length > 0) await install(missing, extras, environment, env);
  if (options.engines.includes("torch")) await environment.setUpSlimTorch();
  if (options.build) await buildMissingAddons(options.engines, environment, env);
}

/** Nothing, where discovery finds the engine as wanted. Extras need the engines beside them. */
function missingPart(
  engine: EngineName,
  options: SetupOptions,
  environment: SetupEnvironment,
  env: NodeJS.ProcessEnv,
): Missing[] {
  const variant: Variant = options.cuda ? "cuda" : options.python ? "full" : "slim";
  const wanted = pin(engine, variant);
  if (satisfies(environment.done(engine), variant, wanted)) return [];
  const found = search(engine, env).runtime;
  const isManaged = found?.from === "tandem setup" && environment.exists;
  const mustBeManaged = isManaged || (options.extras.length > 0 && !ownsPython(env));
  if (found && !mustBeManaged && (!options.cuda || found.cuda === true)) return [];
  return [{ engine, variant, pin: wanted }];
}

/** Whether what was installed before is what is wanted now, or more. */
function satisfies(done: string | undefined, variant: Variant, wanted: Pin): boolean {
  const [doneVariant, version] = done?.split(" ") ?? [];
  const order: Variant[] = ["slim", "full", "cuda"];
  return version === wanted.version && order.indexOf(doneVariant as Variant) >= order.indexOf(variant);
}

/** The user names a Python environment that is not Tandem's: it is theirs to fill. */
function ownsPython(env: NodeJS.ProcessEnv): boolean {
  const named = env.TANDEM_PYTHON;
  return named !== undefined && named !== "" && !named.startsWith(managedVenv(tandemHome(env)));
}

function search(engine: EngineName, env: NodeJS.ProcessEnv) {
  return engine === "tensorflow" ? findTensorflow(env) : findTorch(env);
}

async function install(
  missing: readonly Missing[],
  extras: readonly string[],
  environment: SetupEnvironment,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const extraMegabytes = extras.length * EXTRA_MEGABYTES;
  const download = missing.reduce((sum, part) => sum + part.pin.downloadMegabytes, extraMegabytes);
  const disk = missing.reduce((sum, part) => sum + part.pin.diskMegabytes, extraMegabytes * 3);
  const what = [
    ...missing.map((part) => part.pin.title),
    ...extras.map((name) => `packages for ${name}`),
  ].join(", ");
  process.stderr.write(
    `setting up ${what}\n  into ${environment.folder}: about ${size(download)} to fetch, ${size(disk)} on disk\n`,
  );
  // The largest archive lies beside what is unpacked from it.
  requireDisk(environment.home, disk + download / 2);
  await environment.create(() => findPython(env));
  for (const part of missing) await installEngine(part, environment, env);
  for (const name of extras) {
    await environment.install(`installing packages for ${name}`, ["-r", extraFile(name)]);
    environment.markDone(name, extraList(name));
  }
}

const EXTRA_MEGABYTES = 70;

function extraFile(name: string): string {
  return join(packageRoot, "python", `requirements-${name}.txt`);
}

function extraList(name: string): string {
  const file = extraFile(name);
  if (!existsSync(file)) {
    const known = readdirSync(join(packageRoot, "python")).flatMap(
      (entry) => /^requirements-(.+)\.txt$/.exec(entry)?.[1] ?? [],
    );
    throw new SetupError(`there is no list of packages for ${name}; known: ${known.join(", ")}`);
  }
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .join(" ");
}

async function installEngine(
  part: Missing,
  environment: SetupEnvironment,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const { requirement, dependencies, beside, replaces } = part.pin;
  await environment.uninstall(environment.done(part.engine) ? replaces : []);
  await environment.install(`installing ${requirement}`, [
    ...(dependencies ? [] : ["--no-deps"]),
    requirement,
  ]);
  const libraries = part.engine === "torch" && !dependencies ? missingCudaWheels(environment) : [];
  if (beside.length + libraries.length > 0) {
    await environment.install(`installing what ${part.engine} needs`, [...beside, ...libraries]);
  }
  environment.markDone(part.engine, `${part.variant} ${part.pin.version}`);
  checkFound(part.engine, environment, env);
}

function missingCudaWheels(environment: SetupEnvironment): string[] {
  const torch = requireRuntime(findTorch({ TANDEM_TORCH: environment.folder }));
  return torch.cudaVersion ? cudaWheels(torch.missing, torch.cudaVersion) : [];
}

/** Says so at once if something named before the managed environment hides what was just installed. */
function checkFound(engine: EngineName, environment: SetupEnvironment, env: NodeJS.ProcessEnv): void {
  const found: Runtime = requireRuntime<Runtime>(search(engine, env));
  const path = found.engine === "torch" ? found.directory : found.library;
  if (path.startsWith(realpathSync(environment.folder))) return;
  process.stderr.write(
    `note: ${found.from} comes first and has ${ENGINE_TITLES[engine]} ${found.version ?? ""}\n`,
  );
}

async function buildMissingAddons(
  engines: readonly EngineName[],
  environment: SetupEnvironment,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const torch = engines.includes("torch") ? requireTorchHeaders(env) : undefined;
  const names: AddonName[] = [
    "host",
    ...engines.flatMap((engine): AddonName[] => (engine === "torch" ? ["preload", "torch"] : [engine])),
  ];
  const builds: AddonBuild[] = names.map((name) => addonBuild(name, torch));
  const missing = builds.filter((build) => !addonFile(build, env));
  if (missing.length === 0) return;
  requireCompiler(env);
  const place: BuildPlace = { home: environment.home, env, toolFolder: join(environment.folder, "bin") };
  const withTools = { ...env, PATH: `${env.PATH ?? ""}:${place.toolFolder}` };
  const tools = missingBuildTools(withTools);
  if (tools.length > 0) {
    await environment.create(() => findPython(env));
    await environment.install(`installing ${tools.join(" and ")}`, tools);
  }
  for (const build of missing) await buildAddon(build, torch, place);
}

function requireTorchHeaders(env: NodeJS.ProcessEnv) {
  const torch = requireRuntime(findTorch(env));
  const prebuilt = torch.headers || addonFile(addonBuild("torch", torch), env);
  if (prebuilt) return torch;
  throw new SetupError(
    `${torch.directory} (${torch.from}) has libtorch without its C++ headers, which building the addon takes; name another one with TANDEM_TORCH`,
  );
}
