import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeBytesElements, encodeBytesElements } from "../../src/inference/bytes-elements.js";

test("each element lies behind its length, 32 bits little-endian", () => {
  const bytes = encodeBytesElements(["ab", Uint8Array.of(7)]);
  assert.equal([...bytes], [2, 0, 0, 0, 97, 98, 1, 0, 0, 0, 7]);
});

test("strings are UTF-8, and their lengths count bytes", () => {
  assert.equal([...encodeBytesElements(["é"])], [2, 0, 0, 0, 0xc3, 0xa9]);
});

test("decoding gives views of the bytes, empty elements and NULs included", () => {
  const bytes = encodeBytesElements(["", "a\0b"]);
  const elements = decodeBytesElements(bytes);
  assert.equal(
    elements.map((element) => element.toString()),
    ["", "a\0b"],
  );
  assert.is(elements[1]?.buffer, bytes.buffer);
});

test("no bytes are no elements", () => {
  assert.equal(decodeBytesElements(new Uint8Array()), []);
});

test("a length that points outside is an error", () => {
  assert.throws(() => decodeBytesElements(Uint8Array.of(5, 0, 0, 0, 1)), RangeError);
  assert.throws(() => decodeBytesElements(Uint8Array.of(5, 0)), RangeError);
});

test.run();
