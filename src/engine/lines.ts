import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Calls `take` for each line of UTF-8 text, without its end; the last one need not have one. */
export function forEachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", take);
}
