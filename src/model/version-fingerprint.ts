import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { ModelConfig } from "../config/model-config.js";

/**
 * Tells whether a version would be loaded as it was: the same where its own files, the model's files that belong to no
 * version (labels, warmup data) and the configuration are the same. Files are the same where name, size and time of
 * last modification are. The version policy does not count: it chooses versions and changes none.
 *
 * @param directory the model's; absolute
 * @param config as read
 */
export async function versionFingerprint(
  directory: string,
  config: ModelConfig,
  version: number,
): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify({ ...config, versionPolicy: undefined }));
  const shared = new FileList(directory, (path) => !isConfiguration.test(path) && !isVersion.test(path));
  await shared.add(directory);
  const own = new FileList(directory, () => true);
  await own.add(join(directory, String(version)));
  return hash.update(JSON.stringify([shared.lines, own.lines])).digest("hex");
}

/** Which one counts, and what is in it, is told by the configuration that was read. */
const isConfiguration = /^config\.pbtxt$|^configs\//;
const isVersion = /^\d+\//;

class FileList {
  readonly lines: string[] = [];
  private readonly root: string;
  private readonly isWanted: (path: string) => boolean;
  /** A link may lead to a folder around it. */
  private readonly seen = new Set<string>();

  /** @param isWanted is asked with paths below `root`, directories' with a `/` behind them */
  constructor(root: string, isWanted: (path: string) => boolean) {
    this.root = root;
    this.isWanted = isWanted;
  }

  /** A line for each file below `folder`, in order of name; links are followed. What vanishes meanwhile is not there. */
  async add(folder: string): Promise<void> {
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      const path = join(folder, name);
      const status = await stat(path, { bigint: true }).catch(() => undefined);
      if (status === undefined) continue;
      const shown = relative(this.root, path);
      const place = `${status.dev}:${status.ino}`;
      if (!status.isDirectory()) {
        if (this.isWanted(shown)) this.lines.push(`${shown} ${status.size} ${status.mtimeNs} ${place}`);
      } else if (this.isWanted(`${shown}/`) && !this.seen.has(place)) {
        this.seen.add(place);
        await this.add(path);
      }
    }
  }
}
