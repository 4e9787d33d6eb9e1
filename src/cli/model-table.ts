import type { RepositoryIndexEntry } from "../model/served-model.js";

/** Longest reason that a table can show and still be read; the log has all of it. */
const maxReasonLength = 100;

/** Every model and version with its state, as a table to read. */
export function modelTable(rows: readonly RepositoryIndexEntry[]): string {
  const cells = rows.map(({ name, version = "-", state = "-", reason = "" }) => [
    name,
    version,
    reason === "" ? state : `${state}: ${shorten(reason)}`,
  ]);
  return formatTable(["Model", "Version", "Status"], cells);
}

function shorten(reason: string): string {
  const [line = ""] = reason.trim().split("\n");
  return line.length > maxReasonLength ? `${line.slice(0, maxReasonLength)}…` : line;
}

function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+`;
  const line = (row: readonly string[]) =>
    `|${widths.map((width, column) => ` ${(row[column] ?? "").padEnd(width)} `).join("|")}|`;
  return ["", rule, line(head), rule, ...rows.map(line), rule].join("\n");
}
