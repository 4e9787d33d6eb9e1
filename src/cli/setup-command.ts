import { Argument, Command } from "commander";
import { ENGINE_NAMES, type EngineName } from "../engine/runtime.js";
import { tandemHome } from "../engine/runtime-home.js";
import { setup } from "./setup.js";
import { withSetupLock } from "./setup-lock.js";

interface Flags {
  readonly cuda: boolean;
  readonly python: boolean;
  readonly extra: string[];
  readonly build: boolean;
}

export function setupCommand(): Command {
  return new Command("setup")
    .description("install the engines that are not there yet, and build the addons that fit them")
    .addArgument(new Argument("[engines...]", "which engines, both if none is named").choices(ENGINE_NAMES))
    .option("--cuda", "builds with CUDA, for NVIDIA GPUs", false)
    .option("--python", "PyTorch with all its dependencies, for any use of it from Python", false)
    .option("--extra <name>", "also the packages of python/requirements-<name>.txt; repeatable", collect, [])
    .option("--no-build", "install only, build no addon")
    .action(async (names: EngineName[], flags: Flags) => {
      const engines = names.length > 0 ? ENGINE_NAMES.filter((name) => names.includes(name)) : ENGINE_NAMES;
      const { cuda, python, extra: extras, build } = flags;
      await withSetupLock(tandemHome(), () => setup({ engines, cuda, python, extras, build }, process.env));
    });
}

function collect(value: string, values: string[]): string[] {
  return [...values, value];
}
