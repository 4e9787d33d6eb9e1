// node --import tsx bench/document.ts: puts the tables of bench/results/ into docs/benchmarks.md, between its markers.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { markdownTable } from "./measure/markdown-table.js";
import type { Row } from "./measure/outcome.js";

interface Result {
  readonly facts: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

const document = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));

/** Replaces what stands between `<!-- name -->` and `<!-- end -->` by the table of that bench's last result. */
export function withTables(text: string): string {
  return text.replace(/<!-- ([\w-]+) -->\n.*?<!-- end -->/gs, (section, name: string) => {
    const file = new URL(`results/${name}.json`, import.meta.url);
    if (!existsSync(file)) return section;
    const { facts, rows } = JSON.parse(readFileSync(file, "utf8")) as Result;
    const { date = "", machine, tandem } = facts;
    const source = `From [${name}.json](../bench/results/${name}.json): ${date.slice(0, 10)}, ${machine}, ${tandem}.`;
    return `<!-- ${name} -->\n${markdownTable(rows)}\n\n${source}\n<!-- end -->`;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(document, withTables(readFileSync(document, "utf8")));
}
