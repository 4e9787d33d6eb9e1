import { readdirSync, readFileSync } from "node:fs";

/** CPU time so far of a process, its threads and all its descendants, in microseconds. Linux. */
export function cpuMicros(pid: number): number {
  let nanos = 0;
  for (const process of withDescendants(pid)) {
    for (const thread of list(`/proc/${process}/task`)) {
      nanos += Number(read(`/proc/${process}/task/${thread}/schedstat`).split(" ")[0] ?? 0);
    }
  }
  return nanos / 1000;
}

function withDescendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of list("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = read(`/proc/${entry}/stat`);
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
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
