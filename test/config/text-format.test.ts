import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Message, MessageValue } from "../../src/config/message.js";
import { modelConfigSchema } from "../../src/config/message-schema.js";
import { readTextFormat } from "../../src/config/text-format.js";
import { TextFormatError } from "../../src/config/text-format-error.js";

// Where nothing else is said, Python's google.protobuf.text_format reads or refuses the same.

function read(text: string): unknown {
  return plain(readTextFormat(text, modelConfigSchema()));
}

function plain(value: MessageValue): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...(value as Message)].map(([k, v]) => [k, plain(v)]));
  return value;
}

function refuses(text: string, message: string | RegExp): void {
  let error: unknown;
  try {
    read(text);
  } catch (thrown) {
    error = thrown;
  }
  assert.instance(error, TextFormatError, `was read: ${text}`);
  if (typeof message === "string") assert.is((error as Error).message, message);
  else assert.match((error as Error).message, message);
}

test("an empty text is an empty message", () => {
  assert.equal(read(""), {});
  assert.equal(read("# only a comment"), {});
});

test("reads scalars with a colon and messages with or without", () => {
  assert.equal(read('name: "a"'), { name: "a" });
  assert.equal(read("dynamic_batching {}"), { dynamic_batching: {} });
  assert.equal(read("dynamic_batching: {}"), { dynamic_batching: {} });
  refuses('name "a"', '1:6: Expected ":", found ""a"".');
});

test("messages have braces or angle brackets, closed as they were opened", () => {
  assert.equal(read('input <name: "x">'), { input: [{ name: "x" }] });
  assert.equal(read('input: <name: "x">'), { input: [{ name: "x" }] });
  refuses('input <name: "x"}', '1:17: Expected a field name or ">", found "}".');
  refuses("input {", '1:8: Expected a field name or "}", found the end of the text.');
  refuses('input { name: "x" }}', '1:20: Expected a field name, found "}".');
});

test("fields may be separated by commas and semicolons, one each", () => {
  assert.equal(read("input { dims: 1, dims: 2; dims: 3 dims: 4 }"), { input: [{ dims: [1n, 2n, 3n, 4n] }] });
  refuses('name: "a";;', '1:11: Expected a field name, found ";".');
  refuses("input { dims: 1,, dims: 2 }", /^1:17: Expected a field name/);
});

test("skips comments, tabs and line ends of any system", () => {
  const text = "# first\r\nname:\t'a' # behind a value\r\n\r\nmax_batch_size: 1\f\v";
  assert.equal(read(text), { name: "a", max_batch_size: 1 });
});

test("skips a byte order mark", () => {
  assert.equal(read("\ufeffname: 'a'"), { name: "a" });
  refuses("\ufefffoo: 1", /^1:1: /);
});

test("lists are short for repeated fields, of scalars and of messages", () => {
  assert.equal(read("input { dims: [ -1, 2, 3 ] }"), { input: [{ dims: [-1n, 2n, 3n] }] });
  assert.equal(read("input { dims: [1] dims: 2 dims: [] }"), { input: [{ dims: [1n, 2n] }] });
  assert.equal(read('input [ { name: "a" }, <name: "b"> ]'), { input: [{ name: "a" }, { name: "b" }] });
  assert.equal(read('input: [ { name: "a" } ]'), { input: [{ name: "a" }] });
  assert.equal(read("input []"), { input: [] });
});

test("a list has commas between its elements, none behind the last", () => {
  refuses('input [{name:"a"} {name:"b"}]', '1:19: Expected ",", found "{".');
  refuses("input { dims: [1,] }", '1:18: Expected an integer, found "]".');
  refuses('name: ["a"]', '1:7: Expected a quoted string, found "[".');
});

test("strings that follow each other are one", () => {
  assert.equal(read(`name: "a"'b' # between\n "c"`), { name: "abc" });
});

test("a quote of the other kind needs no escape", () => {
  assert.equal(read(`name: 'it"s' "it's"`), { name: `it"sit's` });
});

test("resolves the escapes of C", () => {
  assert.equal(read(String.raw`name: "\a\b\f\n\r\t\v\\\'\"\?"`), { name: "\x07\b\f\n\r\t\v\\'\"?" });
  assert.equal(read(String.raw`name: "\101\x41\x4a\0601\7"`), { name: "AAJ01\x07" });
});

test("octal and hexadecimal escapes are bytes, and together UTF-8", () => {
  assert.equal(read(String.raw`name: "\303\251" "\xe2\x82\xac"`), { name: "é€" });
  refuses(String.raw`name: "\xff"`, "1:7: The string is not valid UTF-8.");
  refuses(String.raw`name: "\400"`, "1:8: Octal escape \\400 is larger than a byte.");
});

test("unicode escapes are characters, a surrogate pair one of them", () => {
  assert.equal(read(String.raw`name: "\u00e9\U0001F600"`), { name: "é😀" });
  assert.equal(read(String.raw`name: "\ud83d\ude00"`), { name: "😀" });
  refuses(String.raw`name: "\ud83d"`, "1:8: Escape \\ud83d is not a Unicode character.");
  refuses(String.raw`name: "\U00110000"`, /not a Unicode character/);
});

test("refuses escapes that C does not know, and strings that do not end", () => {
  refuses(String.raw`name: "ab\z"`, "1:10: Invalid escape sequence \\z in string literal.");
  refuses('name: "ab', "1:7: Unexpected end of string: the closing quote is missing.");
  refuses('name: "a\nb"', "1:9: String literals cannot cross line boundaries.");
});

test("strings may hold any character as it is", () => {
  assert.equal(read('name: "é😀"'), { name: "é😀" });
});

test("integers are decimal, octal or hexadecimal", () => {
  assert.equal(read("max_batch_size: 8"), { max_batch_size: 8 });
  assert.equal(read("max_batch_size: 010"), { max_batch_size: 8 });
  assert.equal(read("max_batch_size: 0x1F"), { max_batch_size: 31 });
  assert.equal(read("max_batch_size: -5"), { max_batch_size: -5 });
  refuses("max_batch_size: 08", "1:17: Numbers starting with leading zero must be in octal.");
});

test("integers have no fraction, no exponent, no quotes and no letters behind them", () => {
  refuses("max_batch_size: 1.0", '1:17: Expected an integer, found "1.0".');
  refuses("max_batch_size: 1e3", '1:17: Expected an integer, found "1e3".');
  refuses('max_batch_size: "3"', '1:17: Expected an integer, found ""3"".');
  refuses("max_batch_size: 8x", '1:17: Need space between number and identifier, after "8".');
});

test("integers stay in the range of their type", () => {
  assert.equal(read("max_batch_size: -2147483648"), { max_batch_size: -2147483648 });
  refuses(
    "max_batch_size: 2147483648",
    "1:17: Integer out of range: 2147483648 is not an int32 (-2147483648 to 2147483647).",
  );
  assert.equal(read("dynamic_batching { max_queue_delay_microseconds: 18446744073709551615 }"), {
    dynamic_batching: { max_queue_delay_microseconds: 18446744073709551615n },
  });
  refuses("dynamic_batching { max_queue_delay_microseconds: 18446744073709551616 }", /is not an uint64/);
  refuses("dynamic_batching { max_queue_delay_microseconds: -1 }", /^1:51: Integer out of range: -1 /);
  refuses("version_policy { latest { num_versions: 4294967296 } }", /is not an uint32/);
  refuses("input { dims: 9223372036854775808 }", /is not an int64/);
});

const slots = (value: string) => {
  const found = read(`sequence_batching { direct { minimum_slot_utilization: ${value} } }`);
  return (found as { sequence_batching: { direct: { minimum_slot_utilization: number } } }).sequence_batching
    .direct.minimum_slot_utilization;
};

test("floats have fractions, exponents and a suffix, or none of them", () => {
  for (const [text, value] of [
    ["0.5", 0.5],
    [".5", 0.5],
    ["5.", 5],
    ["1", 1],
    ["1.5f", 1.5],
    ["10F", 10],
    ["1E+3f", 1000],
    ["-25e-2", -0.25],
  ] as const) {
    assert.is(slots(text), value, text);
  }
});

test("floats are rounded to their type, and overflow to infinity", () => {
  assert.is(slots("0.1"), Math.fround(0.1));
  assert.is(slots("1e400"), Number.POSITIVE_INFINITY);
});

test("infinity and not-a-number have names, in any case", () => {
  assert.is(slots("inf"), Number.POSITIVE_INFINITY);
  assert.is(slots("-Infinity"), Number.NEGATIVE_INFINITY);
  assert.ok(Number.isNaN(slots("NaN")));
});

test("floats are neither octal, hexadecimal nor strings", () => {
  assert.throws(() => slots("010"), /Expected a decimal number/);
  assert.throws(() => slots("0x10"), /Expected a decimal number/);
  assert.throws(() => slots("00.5"), /Hex and octal numbers must be integers/);
  assert.throws(() => slots('"1"'), /Expected a number/);
});

test("booleans have three spellings each", () => {
  const optional = (value: string) => read(`input { optional: ${value} }`);
  for (const value of ["true", "True", "t", "1"]) {
    assert.equal(optional(value), { input: [{ optional: true }] });
  }
  for (const value of ["false", "False", "f", "0"]) {
    assert.equal(optional(value), { input: [{ optional: false }] });
  }
  refuses("input { optional: TRUE }", '1:19: Expected true or false, found "TRUE".');
  refuses("input { optional: 2 }", "1:19: Integer out of range for a bool: 2.");
});

test("enums are given by name or by number", () => {
  assert.equal(read("input { data_type: TYPE_FP32 }"), { input: [{ data_type: "TYPE_FP32" }] });
  assert.equal(read("input { data_type: 0xB }"), { input: [{ data_type: "TYPE_FP32" }] });
  refuses(
    "input { data_type: FP32 }",
    /^1:20: Unknown enumeration value "FP32" for inference.DataType, expected one of TYPE_INVALID, /,
  );
  refuses('input { data_type: "TYPE_FP32" }', /^1:20: Expected a value of inference.DataType/);
});

test("refuses an enum number that has no name, which protobuf would keep", () => {
  refuses("input { data_type: 99 }", "1:20: Unknown enumeration value 99 for inference.DataType.");
});

test("a map is a list of keys and values, of which the last for a key wins", () => {
  const text = `
    metric_tags { key: "a" value: "1" }
    metric_tags: { key: "b", value: "2" }
    metric_tags [{ key: "a" value: "3" }, { key: "c" }]`;
  assert.equal(read(text), { metric_tags: { a: "3", b: "2", c: "" } });
});

test("a map's values may be messages and its keys numbers", () => {
  assert.equal(
    read("dynamic_batching { priority_queue_policy { key: 1 value: { timeout_action: DELAY } } }"),
    { dynamic_batching: { priority_queue_policy: { "1": { timeout_action: "DELAY" } } } },
  );
  assert.equal(read("parameters {}"), { parameters: { "": {} } });
  refuses("dynamic_batching { priority_queue_policy { key: -1 } }", /is not an uint64/);
  refuses('parameters { key: "a" key: "b" }', /Non-repeated field "key" is specified multiple times/);
});

test("an unknown field is an error, with its line and column", () => {
  refuses(
    'name: "m"\n\n  max_batchsize: 8',
    '3:3: Message type "inference.ModelConfig" has no field named "max_batchsize".',
  );
  refuses(
    'input [\n  {\n    name: "x"\n    dtype: TYPE_FP32\n  }\n]',
    '4:5: Message type "inference.ModelInput" has no field named "dtype".',
  );
});

test("names are those of the .proto file only", () => {
  refuses("maxBatchSize: 8", /has no field named "maxBatchSize"/);
  refuses('Name: "a"', /has no field named "Name"/);
  refuses("[ext.field]: 1", '1:1: Message type "inference.ModelConfig" has no extensions and is not an Any.');
});

test("a singular field is given once", () => {
  refuses('name: "a" name: "b"', '1:11: Non-repeated field "name" is specified multiple times.');
  refuses("dynamic_batching {} dynamic_batching {}", /Non-repeated field "dynamic_batching"/);
});

test("only one member of a oneof is given", () => {
  refuses(
    "dynamic_batching {}\nsequence_batching {}",
    '2:1: Field "sequence_batching" is specified along with field "dynamic_batching", another member of oneof "scheduling_choice".',
  );
});

test("refuses control characters", () => {
  refuses('name: "a"\n\x01', "2:1: Invalid control characters encountered in text.");
});

test.run();
