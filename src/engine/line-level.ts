import type { EngineLogger } from "./engine-load-request.js";

const glogLevels: Readonly<Record<string, keyof EngineLogger>> = {
  I: "info",
  W: "warn",
  E: "error",
  F: "error",
};

/**
 * How important a line is that a process writes to its standard error: as it says itself where it is TensorFlow's
 * (`I0000 00:00:1795384208.3 2 port.cc:153] …`), else a warning.
 */
export function lineLevel(line: string): keyof EngineLogger {
  const glog =
    /^([IWEF])\d{4} \d\d:\d\d:/.exec(line)?.[1] ?? /^\d{4}-\d\d-\d\d [\d:.]+: ([IWEF]) /.exec(line)?.[1];
  if (glog !== undefined) return glogLevels[glog] as keyof EngineLogger;
  // Stands before each first line of the above, and says nothing of it.
  return line.startsWith("WARNING: All log messages before absl::InitializeLog()") ? "debug" : "warn";
}
