import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Bench, Outcome, Row } from "./outcome.js";

const results = fileURLToPath(new URL("../results/", import.meta.url));

/** Prints a bench's question, circumstances and table, and keeps all of it in `bench/results/<name>.json`. */
export function report(bench: Bench, machine: Readonly<Record<string, string>>, outcome: Outcome): void {
  const facts = { ...machine, ...outcome.facts };
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  const lines = [
    `\n${bench.name}: ${bench.question}\n`,
    ...Object.entries(facts).map(([name, fact]) => `  ${name.padEnd(width)}  ${fact}`),
    "",
    ...table(outcome.rows).map((line) => `  ${line}`),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  mkdirSync(results, { recursive: true });
  const content = {
    bench: bench.name,
    question: bench.question,
    facts,
    rows: outcome.rows,
    trials: outcome.trials,
  };
  writeFileSync(`${results}${bench.name}.json`, `${JSON.stringify(content, undefined, 1)}\n`);
}

function table(rows: readonly Row[]): string[] {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "")))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => (line[i] as string).length)));
  const isNumber = columns.map((column) => rows.some((row) => typeof row[column] === "number"));
  return cells.map((line) =>
    line
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number)))
      .join("  ")
      .trimEnd(),
  );
}
