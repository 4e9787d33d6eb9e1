import { readText } from "./find-site-packages.js";

/** What the processor can do, by Linux's names in lower case; undefined where the system does not tell. */
export function cpuFlags(cpuInfo: string = readText("/proc/cpuinfo")): ReadonlySet<string> | undefined {
  const line = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuInfo)?.[1];
  return line === undefined ? undefined : new Set(line.split(/\s+/));
}
