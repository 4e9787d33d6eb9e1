import { test } from "uvu";
import * as assert from "uvu/assert";
import { JsonSyntaxError, parseExactJson, parseJsonBytes } from "../../../src/protocol/kserve/exact-json.js";

function faultOf(text: string): string {
  try {
    parseExactJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return `${error.message} at ${error.position}`;
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

test("reads integers as bigints, with all their digits", () => {
  assert.equal(parseExactJson("[9223372036854775807,-9223372036854775808,18446744073709551615,0]"), [
    9223372036854775807n,
    -9223372036854775808n,
    18446744073709551615n,
    0n,
  ]);
});

test("reads numbers with a fraction or an exponent, and integers beyond 64 bits, as doubles", () => {
  assert.equal(parseExactJson("[1.0,1e2,-2.5E-1,18446744073709551616]"), [1, 100, -0.25, 2 ** 64]);
});

test("reads NaN and the infinities", () => {
  assert.equal(parseExactJson("[NaN,Inf,Infinity,-Inf,-Infinity]"), [
    NaN,
    Infinity,
    Infinity,
    -Infinity,
    -Infinity,
  ]);
});

test("reads strings as JSON.parse does", () => {
  const text = '["","a\\"b\\\\c\\/d\\b\\f\\n\\r\\t","\\u00e9\\ud83d\\ude00","é😀\u007f"]';
  assert.equal(parseExactJson(text), JSON.parse(text));
});

test("reads nested objects and white space", () => {
  const value = parseExactJson(' {"a" : [ {} , [ ] ] ,\n"b":{"c":null,"d":true,"e":false}}\t') as object;
  assert.is(JSON.stringify(value), '{"a":[{},[]],"b":{"c":null,"d":true,"e":false}}');
});

test("keeps a member named __proto__ a member", () => {
  const value = parseExactJson('{"__proto__":{"inputs":1}}') as Record<string, unknown>;
  assert.is(value.inputs, undefined);
  assert.equal(Object.keys(value), ["__proto__"]);
});

for (const [text, fault] of [
  ["", "The document is empty. at 0"],
  ["  ", "The document is empty. at 2"],
  ["x", "Invalid value. at 0"],
  ["trux", "Invalid value. at 3"],
  ["[-]", "Invalid value. at 2"],
  ["{} 1", "The document root must not be followed by other values. at 3"],
  ["{", "Missing a name for object member. at 1"],
  ['{"a"}', "Missing a colon after a name of object member. at 4"],
  ['{"a":1 "b"', "Missing a comma or } after an object member. at 7"],
  ["[1 2]", "Missing a comma or ] after an array element. at 3"],
  ['"abc', "Missing a closing quotation mark in string. at 4"],
  ['"a\\x"', "Invalid escape character in string. at 2"],
  ['"\\u12g4"', "Incorrect hex digit after \\u escape in string. at 1"],
  ['"\\ud800x"', "The surrogate pair in string is invalid. at 1"],
  ['"a\nb"', "Invalid encoding in string. at 2"],
  ["1.", "Miss fraction part in number. at 2"],
  ["1e+", "Miss exponent in number. at 3"],
  ["[1e999]", "Number too big to be stored in double. at 1"],
] as const) {
  test(`refuses ${JSON.stringify(text)}: ${fault}`, () => assert.is(faultOf(text), fault));
}

test("says where bytes stop being JSON, counting bytes", () => {
  assert.throws(
    () => parseJsonBytes(Buffer.from('{"é":x}'), "request JSON buffer"),
    (error: Error) => error.message === "failed to parse the request JSON buffer: Invalid value. at 6",
  );
});

test("refuses nesting that no request needs, without exhausting the stack", () => {
  assert.throws(() => parseExactJson("[".repeat(100_000)), /nesting depth exceeds maximum allowed limit/);
});

test.run();
