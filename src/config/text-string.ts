import { TextFormatError } from "./text-format-error.js";

const simpleEscapes: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  "'": 39,
  '"': 34,
  "?": 63,
};

/**
 * Reads one quoted string of a text-format document. Escapes are C's: `\n`, `\\`, up to three octal digits, `\x` and
 * up to two hexadecimal digits, `\u` and four, `\U` and eight; a surrogate pair of `\u` is one character.
 *
 * @param start where the opening quote is
 * @param position of that quote, for errors
 * @returns the bytes, UTF-8 but for what octal and hexadecimal escapes put there, and the offset behind the string
 */
export function readTextString(
  text: string,
  start: number,
  position: { readonly line: number; readonly column: number },
): { end: number; bytes: Uint8Array } {
  const quote = text[start] as string;
  const chunks: Buffer[] = [];
  let offset = start + 1;
  const fail = (at: number, reason: string): never => {
    throw new TextFormatError({ line: position.line, column: position.column + at - start }, reason);
  };

  for (;;) {
    const from = offset;
    while (offset < text.length && !`${quote}\\\n`.includes(text[offset] as string)) offset++;
    if (offset > from) chunks.push(Buffer.from(text.slice(from, offset)));
    const stop = text[offset];
    if (stop === quote) return { end: offset + 1, bytes: Buffer.concat(chunks) };
    if (stop === undefined) return fail(start, "Unexpected end of string: the closing quote is missing.");
    if (stop === "\n") return fail(offset, "String literals cannot cross line boundaries.");
    const escaped = readEscape(text, offset, fail);
    chunks.push(escaped.bytes);
    offset = escaped.end;
  }
}

function readEscape(
  text: string,
  start: number,
  fail: (at: number, reason: string) => never,
): { end: number; bytes: Buffer } {
  const rest = text.slice(start + 1, start + 13);
  const simple = simpleEscapes[rest[0] ?? ""];
  if (simple !== undefined) return { end: start + 2, bytes: Buffer.of(simple) };

  const octal = /^[0-7]{1,3}/.exec(rest)?.[0];
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    if (value > 255) fail(start, `Octal escape \\${octal} is larger than a byte.`);
    return { end: start + 1 + octal.length, bytes: Buffer.of(value) };
  }
  const hex = /^[xX]([0-9a-fA-F]{1,2})/.exec(rest);
  if (hex) return { end: start + 1 + hex[0].length, bytes: Buffer.of(Number.parseInt(hex[1] as string, 16)) };

  const pair = /^u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(rest);
  const unicode = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(rest);
  if (pair) {
    const units = [pair[1], pair[2]].map((unit) => Number.parseInt(unit as string, 16));
    return { end: start + 1 + pair[0].length, bytes: Buffer.from(String.fromCharCode(...units)) };
  }
  if (unicode) {
    const point = Number.parseInt((unicode[1] ?? unicode[2]) as string, 16);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      fail(start, `Escape \\${unicode[0]} is not a Unicode character.`);
    }
    return { end: start + 1 + unicode[0].length, bytes: Buffer.from(String.fromCodePoint(point)) };
  }
  return fail(start, `Invalid escape sequence \\${rest[0] ?? ""} in string literal.`);
}
