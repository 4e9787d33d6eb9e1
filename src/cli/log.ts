import { openSync, writeSync } from "node:fs";
import { type Logger, pino } from "pino";
import { formatLogLine, type LogFormat, type LogRecord } from "./log-line.js";

export interface LogSettings {
  /** 1 and more: also requests that fail. */
  readonly verbose: number;
  readonly info: boolean;
  readonly warning: boolean;
  readonly error: boolean;
  readonly format: LogFormat;
  /** Appended to; "": stdout for what happens, stderr for what is or may be wrong. */
  readonly file: string;
}

/** Logs whole lines, written at once: the last one before the end of the process is not lost. */
export function createLog(settings: LogSettings): Logger {
  const file = settings.file === "" ? undefined : openSync(settings.file, "a");
  const { levels } = pino;
  const shown = new Set<number | undefined>();
  if (settings.verbose > 0) shown.add(levels.values.debug);
  if (settings.info) shown.add(levels.values.info);
  if (settings.warning) shown.add(levels.values.warn);
  if (settings.error) shown.add(levels.values.error);
  const destination = {
    write(json: string) {
      const record = JSON.parse(json) as LogRecord;
      if (!shown.has(record.level)) return;
      const isProblem = record.level > (levels.values.info as number);
      writeSync(file ?? (isProblem ? 2 : 1), formatLogLine(record, settings.format));
    },
  };
  return pino({ level: settings.verbose > 0 ? "debug" : "info", base: { pid: process.pid } }, destination);
}
