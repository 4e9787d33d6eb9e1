import { invalidArgument } from "../inference/serving-error.js";

/**
 * Checks a name by which a client asks for a model to be loaded.
 *
 * @throws {ServingError} INVALID_ARGUMENT if it is empty or would lead out of the repository
 */
export function checkModelName(name: string): void {
  const trimmed = name.trim();
  if (trimmed === "")
    throw invalidArgument("Model name cannot be empty. Please enter a valid name to deploy.");
  if (trimmed !== ".." && !trimmed.includes("/")) return;
  throw invalidArgument(
    `invalid model name '${name}', model name must not contain path traversal characters`,
  );
}
