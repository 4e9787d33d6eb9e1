import { Code, ServingError } from "../inference/serving-error.js";
import type { ModelVersion } from "./model-version.js";
import type { RepositoryIndexEntry, VersionState } from "./served-model.js";

interface VersionStatus {
  readonly state: VersionState;
  readonly reason: string;
  readonly model?: ModelVersion;
}

/** Why a version that was freed on purpose is not available. */
export const unloaded = "unloaded";

/** A model that a repository knows by name: the states of its versions. */
export class ModelEntry {
  readonly name: string;
  private readonly statuses = new Map<number, VersionStatus>();
  private failure: string | undefined;
  private ready: readonly ModelVersion[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** The model cannot be loaded, whatever its versions: its configuration is wrong, say. */
  fail(reason: string | undefined): void {
    this.failure = reason;
  }

  set(version: number, state: VersionState, reason = "", model?: ModelVersion): void {
    this.statuses.set(version, model === undefined ? { state, reason } : { state, reason, model });
    const ready: ModelVersion[] = [];
    for (const status of this.statuses.values()) {
      if (status.state === "READY" && status.model !== undefined) ready.push(status.model);
    }
    this.ready = ready.sort((a, b) => a.version - b.version);
  }

  /** What failed is no longer asked for: versions that could not be loaded count as unloaded, but those of `wanted`. */
  forgive(wanted: readonly number[]): void {
    this.failure = undefined;
    for (const [version, { state }] of this.statuses) {
      if (state === "UNAVAILABLE" && !wanted.includes(version)) this.set(version, "UNAVAILABLE", unloaded);
    }
  }

  /** Whether no version was ever tried. */
  get isEmpty(): boolean {
    return this.statuses.size === 0;
  }

  /** Ascending. */
  get readyModels(): readonly ModelVersion[] {
    return this.ready;
  }

  /** Their numbers, ascending. */
  get readyVersions(): readonly number[] {
    return this.ready.map((model) => model.version);
  }

  /** The version's model if it is READY. */
  readyModel(version: number): ModelVersion | undefined {
    return this.ready.find((model) => model.version === version);
  }

  /** @throws {ServingError} NOT_FOUND or UNAVAILABLE, with Triton's texts */
  model(version?: number): ModelVersion {
    if (version === undefined) {
      const highest = this.ready.at(-1);
      if (highest !== undefined) return highest;
      throw unknown(`'${this.name}' has no available versions`);
    }
    const status = this.statuses.get(version);
    if (status === undefined) throw unknown(`'${this.name}' version ${version} is not found`);
    if (status.state === "READY" && status.model !== undefined) return status.model;
    throw new ServingError(
      Code.UNAVAILABLE,
      `Request for unknown model: '${this.name}' version ${version} is not at ready state`,
    );
  }

  /** What is wrong with the model; undefined if nothing is. */
  get problem(): string | undefined {
    if (this.failure !== undefined) return this.failure;
    const clauses = [...this.statuses]
      .filter(([, { state, reason }]) => state === "UNAVAILABLE" && reason !== unloaded)
      .map(([version, { reason }]) => unavailable(version, reason));
    return clauses.length > 0 ? clauses.join(" ") : undefined;
  }

  /** Whether every version is READY or was unloaded on purpose, and one is there at all. */
  get isReady(): boolean {
    if (this.failure !== undefined || this.isEmpty) return false;
    return [...this.statuses.values()].every(
      ({ state, reason }) => state === "READY" || (state === "UNAVAILABLE" && reason === unloaded),
    );
  }

  /** Rows of the repository index, by ascending version; one with only a name if no version was ever tried. */
  index(): RepositoryIndexEntry[] {
    const { name, failure } = this;
    if (failure !== undefined) return [{ name, state: "UNAVAILABLE", reason: failure }];
    if (this.isEmpty) return [{ name }];
    return [...this.statuses]
      .sort(([a], [b]) => a - b)
      .map(([version, { state, reason }]) => ({ name, version: String(version), state, reason }));
  }
}

/** One failed version, as load failures tell it. */
export function unavailable(version: number, reason: string): string {
  return `version ${version} is at UNAVAILABLE state: ${reason};`;
}

function unknown(what: string): ServingError {
  return new ServingError(Code.NOT_FOUND, `Request for unknown model: ${what}`);
}
