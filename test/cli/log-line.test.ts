import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatLogLine } from "../../src/cli/log-line.js";
import { modelTable } from "../../src/cli/model-table.js";

const record = { level: 30, time: Date.UTC(2026, 0, 31, 23, 59, 58, 123), pid: 42, msg: "message" };

test("a line begins with level, date and time, as tritonserver's", () => {
  assert.is(formatLogLine(record, "default"), "I0131 23:59:58.123000 42 tandem] message\n");
  assert.is(formatLogLine({ ...record, level: 40 }, "default"), "W0131 23:59:58.123000 42 tandem] message\n");
});

test("or with an ISO 8601 time", () => {
  assert.is(
    formatLogLine({ ...record, level: 50 }, "ISO8601"),
    "2026-01-31T23:59:58Z E 42 tandem] message\n",
  );
});

test("the table of models has a line each, with the beginning of what is wrong", () => {
  const rows = [
    { name: "good", version: "1", state: "READY" as const },
    { name: "bad", version: "12", state: "UNAVAILABLE" as const, reason: "no such file\nlooked at\n" },
    { name: "unknown" },
  ];
  assert.is(
    modelTable(rows),
    `
+---------+---------+---------------------------+
| Model   | Version | Status                    |
+---------+---------+---------------------------+
| good    | 1       | READY                     |
| bad     | 12      | UNAVAILABLE: no such file |
| unknown | -       | -                         |
+---------+---------+---------------------------+`,
  );
});

test.run();
