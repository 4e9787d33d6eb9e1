import { invalidArgument } from "../../inference/serving-error.js";
import { parseJsonBytes } from "./exact-json.js";
import { asObject } from "./json-access.js";

export interface IndexRow {
  readonly name: string;
  readonly version?: string;
  readonly state?: string;
  readonly reason?: string;
}

/**
 * Whether an index request wants the READY versions only. Its body may be empty.
 *
 * @throws {ServingError} INVALID_ARGUMENT if `ready` is no boolean, INTERNAL if the body is no JSON object
 */
export function decodeIndexRequest(body: Buffer | undefined): boolean {
  if (body === undefined || body.length === 0) return false;
  const { ready } = asObject(parseJsonBytes(body, "request JSON buffer"), "ready");
  if (ready === undefined) return false;
  if (typeof ready !== "boolean") throw invalidArgument("Invalid value for 'ready': expected a boolean");
  return ready;
}

/** @see Triton "Model Repository Extension", "Index" */
export function repositoryIndexJson(rows: readonly IndexRow[], readyOnly: boolean): string {
  const shown = readyOnly ? rows.filter((row) => row.state === "READY") : rows;
  return JSON.stringify(
    shown.map(({ name, version, state, reason }) =>
      version === undefined ? { name } : { name, version, state, reason: reason === "" ? undefined : reason },
    ),
  );
}
