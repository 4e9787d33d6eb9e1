import type { LoadPlan, LoadResult } from "../load/main.js";
import { cpuMicros } from "./cpu-time.js";
import { runProcess } from "./run-process.js";

export interface ServerLoad extends LoadResult {
  /** CPU time of the server per request, all threads and children, in microseconds. */
  readonly cpuMicros: number;
}

/** Puts a server under load and counts the CPU time that it takes for it. */
export async function loadServer(serverPid: number, plan: LoadPlan): Promise<ServerLoad> {
  let before = 0;
  const result = await runProcess<LoadResult>("load/main.ts", plan, () => {
    before = cpuMicros(serverPid);
  });
  if (result.failed > 0) throw new Error(`${result.failed} of ${result.requests} requests failed`);
  const used = cpuMicros(serverPid) - before;
  return { ...result, cpuMicros: used / result.requests };
}
