export type LogFormat = "default" | "ISO8601";

/** What pino writes. */
export interface LogRecord {
  readonly level: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly pid: number;
  readonly msg: string;
}

/**
 * A line as tritonserver's logs have it, in UTC: `I0131 23:59:58.123000 42 tandem] message`, or
 * `2026-01-31T23:59:58Z I 42 tandem] message`.
 */
export function formatLogLine({ level, time, pid, msg }: LogRecord, format: LogFormat): string {
  const letter = level >= 50 ? "E" : level >= 40 ? "W" : "I";
  const iso = new Date(time).toISOString();
  if (format === "ISO8601") return `${iso.slice(0, 19)}Z ${letter} ${pid} tandem] ${msg}\n`;
  const date = iso.slice(5, 7) + iso.slice(8, 10);
  return `${letter}${date} ${iso.slice(11, 23)}000 ${pid} tandem] ${msg}\n`;
}
