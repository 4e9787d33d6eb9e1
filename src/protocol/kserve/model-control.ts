import { Code, ServingError } from "../../inference/serving-error.js";
import { parseJsonBytes } from "./exact-json.js";
import { asBoolean, asObject, asString, type JsonObject } from "./json-access.js";

/**
 * Checks the body of a request to load a model. It may be empty: a model is loaded as it is in the repository.
 *
 * @throws {ServingError} UNIMPLEMENTED for a configuration or files in place of the repository's; INTERNAL for another
 *   parameter, or a body that is no JSON object
 * @see Triton "Model Repository Extension", "Load"
 */
export function checkLoadRequest(body: Buffer | undefined): void {
  for (const [key, value] of Object.entries(readParameters(body))) {
    if (key !== "config" && !key.startsWith("file:")) {
      throw new ServingError(
        Code.INTERNAL,
        `unexpected error on creating Triton parameter: '${key}', expected 'config' or 'file:<version>/<path>'`,
      );
    }
    asString(value, key);
    throw new ServingError(
      Code.UNIMPLEMENTED,
      `load parameter '${key}' is not implemented yet: a model is loaded as it is in the repository`,
    );
  }
}

/**
 * Checks the body of a request to unload a model, which may be empty. `unload_dependents` changes nothing: no model depends on
 * another.
 *
 * @throws {ServingError} INTERNAL if it is no boolean, or the body no JSON object
 * @see Triton "Model Repository Extension", "Unload"
 */
export function checkUnloadRequest(body: Buffer | undefined): void {
  const { unload_dependents: dependents } = readParameters(body);
  if (dependents !== undefined) asBoolean(dependents, "unload_dependents");
}

function readParameters(body: Buffer | undefined): JsonObject {
  if (body === undefined || body.length === 0) return {};
  const { parameters } = asObject(parseJsonBytes(body, "request JSON buffer"), "parameters");
  return parameters === undefined ? {} : asObject(parameters, "parameters");
}
