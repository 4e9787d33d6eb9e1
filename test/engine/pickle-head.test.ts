import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { pickleHead } from "../../src/engine/pickle-head.js";
import { python } from "../support/python.js";

/** What Python pickles an expression to. */
function pickled(expression: string, protocol: number): Buffer {
  const script = `
import pickle, sys, collections, datetime
sys.stdout.buffer.write(pickle.dumps(${expression}, protocol=${protocol}))`;
  return execFileSync(python(), ["-c", script]);
}

for (const protocol of [2, 3, 4, 5]) {
  test(`protocol ${protocol}: containers and classes`, () => {
    assert.is(pickleHead(pickled("{'a': 1}", protocol)), "dict");
    assert.is(pickleHead(pickled("[1]", protocol)), "list");
    assert.equal(pickleHead(pickled("collections.OrderedDict(a=1)", protocol)), {
      className: "collections.OrderedDict",
    });
    assert.equal(pickleHead(pickled("datetime.date(2000, 1, 1)", protocol)), { className: "datetime.date" });
  });
}

test("anything else is not told, wherever it ends", () => {
  assert.is(pickleHead(pickled("3", 2)), undefined);
  assert.is(pickleHead(pickled("{'a': 1}", 0)), undefined);
  const whole = pickled("datetime.date(2000, 1, 1)", 4);
  for (let length = 0; length < 30; length++) assert.is(pickleHead(whole.subarray(0, length)), undefined);
  for (const text of [
    "",
    "\x80",
    "\x80\x02X\xff\xff\xff\xff",
    "\x80\x02cunfinished",
    "\x80\x02cmod\x1bule\nname\n",
    "\x80\x09}",
  ]) {
    assert.is(pickleHead(Buffer.from(text, "latin1")), undefined);
  }
});

test.run();
