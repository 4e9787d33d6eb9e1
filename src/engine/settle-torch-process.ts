import type { TorchProcessSettings } from "../config/torch-parameters.js";
import type { TorchAddon } from "./torch-addon.js";

const parameterNames: Readonly<Record<keyof TorchProcessSettings, string>> = {
  interOpThreads: "INTER_OP_THREAD_COUNT",
  jitExecutor: "ENABLE_JIT_EXECUTOR",
  jitProfiling: "ENABLE_JIT_PROFILING",
  tensorFuser: "ENABLE_TENSOR_FUSER",
};

/**
 * Makes a model's settings of the process hold where no model before it has asked for them.
 *
 * @param model its name, for messages
 * @returns a warning for each that is otherwise
 */
export function settleTorchProcess(
  addon: Pick<TorchAddon, "settleProcess">,
  model: string,
  wanted: TorchProcessSettings,
): string[] {
  const settled = addon.settleProcess(wanted);
  return (Object.keys(parameterNames) as (keyof TorchProcessSettings)[])
    .filter((key) => wanted[key] !== undefined && wanted[key] !== settled[key])
    .map(
      (key) =>
        `model '${model}' asks for ${parameterNames[key]} ${wanted[key]}, but it is ${settled[key]}: ` +
        "libtorch has one setting for all models of the process, and the first that asks decides",
    );
}
