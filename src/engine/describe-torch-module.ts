import type { TorchDescription } from "../config/torch-skeleton.js";
import { ServingError } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import type { TorchAddon } from "./torch-addon.js";
import { checkTorchScriptFile } from "./torch-file-kind.js";

/**
 * Reads what a TorchScript file says about itself. Nothing of it is run.
 *
 * @throws {ServingError} INVALID_ARGUMENT if it is no TorchScript or libtorch cannot read it; UNAVAILABLE if libtorch
 *   or the addon is missing
 */
export async function describeTorchModule(path: string): Promise<TorchDescription> {
  await checkTorchScriptFile(path);
  try {
    return await loadAddon<TorchAddon>("torch").describeModule(path);
  } catch (error) {
    const { code, message } = ServingError.from(error);
    throw new ServingError(code, `unable to inspect '${path}': ${message}`, { cause: error });
  }
}
