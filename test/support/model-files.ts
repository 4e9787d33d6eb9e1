import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary directory of small files, for tests that need no real model; `remove` deletes it. */
export class ModelFiles {
  readonly path = mkdtempSync(join(tmpdir(), "tandem-models-"));

  /** @param files by path; one that ends in `/` is a directory */
  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [path, content] of Object.entries(files)) this.add(path, content);
  }

  add(path: string, content: string | Uint8Array = ""): void {
    const target = join(this.path, path);
    mkdirSync(path.endsWith("/") ? target : dirname(target), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(target, content);
  }

  at(path: string): string {
    return join(this.path, path);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
