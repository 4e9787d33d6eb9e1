import { readdirSync, readFileSync } from "node:fs";
import { descendants } from "./descendants.js";

/** CPU time so far of a process, its threads and all its descendants, in microseconds. Linux. */
export function cpuMicros(pid: number): number {
  let nanos = 0;
  for (const process of descendants(pid)) {
    for (const thread of list(`/proc/${process}/task`)) {
      nanos += Number(read(`/proc/${process}/task/${thread}/schedstat`).split(" ")[0] ?? 0);
    }
  }
  return nanos / 1000;
}

/** A thread may end between being listed and being read. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
