import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Calls `take` for each line of UTF-8 text, without its end; the last one need not have one. A stream that fails ends. */
export function forEachLine(stream: Readable, take: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    .on("line", take)
    .on("error", () => {}); // it hands on the stream's, which would be an uncaught one
}
