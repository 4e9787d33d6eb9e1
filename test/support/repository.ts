import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixture } from "./fixtures.js";

/** What a model of a temporary repository is made of. */
export interface RepositoryModel {
  /** Copied from this fixture. */
  readonly fixture: string;
  /** Files to write over it, by path inside the model directory: `{ "config.pbtxt": "…" }`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Version directories in place of `1`, each with the same model. */
  readonly versions?: readonly number[];
}

/** A model repository of its own for one test; `remove` deletes it. */
export class TemporaryRepository {
  readonly path = mkdtempSync(join(tmpdir(), "tandem-repository-"));

  constructor(models: Readonly<Record<string, string | RepositoryModel>>) {
    for (const [name, model] of Object.entries(models)) this.add(name, model);
  }

  add(name: string, model: string | RepositoryModel): void {
    const { fixture: source, files = {}, versions } = typeof model === "string" ? { fixture: model } : model;
    const directory = join(this.path, name);
    cpSync(fixture(source), directory, { recursive: true });
    if (versions) {
      const first = join(directory, "1");
      for (const version of versions) {
        if (version !== 1) cpSync(first, join(directory, String(version)), { recursive: true });
      }
      if (!versions.includes(1)) rmSync(first, { recursive: true });
    }
    for (const [file, content] of Object.entries(files)) writeFileSync(join(directory, file), content);
  }

  /** Deletes a file of a model, if it is there. */
  removeFile(name: string, file: string): void {
    rmSync(join(this.path, name, file), { force: true });
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
