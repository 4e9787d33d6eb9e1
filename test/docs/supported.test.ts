import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { torchDataTypes } from "../../src/config/check-torch-config.js";
import { fieldSupport } from "../../src/config/field-support.js";
import type { DataTypeName } from "../../src/config/model-config.js";
import { parameterSupport } from "../../src/config/parameter-support.js";
import { packageRoot } from "../../src/engine/addon-build.js";
import { datatypeByNumber } from "../../src/inference/datatype.js";

const text = readFileSync(join(packageRoot, "docs/supported.md"), "utf8");

/** Cells of the table below a heading. */
function table(heading: string): string[][] {
  const section = text.split(/^## /m).find((each) => each.startsWith(heading)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("docs/supported.md has every configuration field as the code treats it", () => {
  const rows = fieldSupport.map(({ field, support, reason }) => [`\`${field}\``, support, reason ?? ""]);
  assert.equal(table("Fields of `config.pbtxt`"), rows);
});

test("docs/supported.md has every parameter as the code treats it", () => {
  const rows = parameterSupport.map(({ key, backend, support, reason }) => [
    `\`${key}\``,
    backend,
    support,
    reason ?? "",
  ]);
  assert.equal(table("Parameters"), rows);
});

test("docs/supported.md has every datatype, and says which torch takes", () => {
  const documented = table("Datatypes");
  assert.equal(
    documented.map(([name]) => name),
    datatypeByNumber.slice(1).map((name) => `\`${name}\``),
  );
  for (const [, configured = "", , torch = ""] of documented) {
    const name = configured.replaceAll("`", "") as DataTypeName;
    assert.is(torch !== "no", torchDataTypes.has(name), name);
  }
});

test.run();
