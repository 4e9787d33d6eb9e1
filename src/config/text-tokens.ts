import { TextFormatError } from "./text-format-error.js";
import { readTextString } from "./text-string.js";

/** One piece of a text-format document. Line and column of its first character, from 1. */
export interface Token {
  readonly kind: "identifier" | "integer" | "float" | "string" | "symbol" | "end";
  /** As written; "" at the end. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** The value of a string, escapes resolved; empty for the rest. */
  readonly bytes: Uint8Array;
}

const skipped = /(?:[ \t\r\n\v\f]|#[^\n]*)+/y;
const identifier = /[A-Za-z_][A-Za-z0-9_]*/y;
const hexadecimal = /0[xX][0-9a-fA-F]+/y;
const decimal = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?/y;
const none = new Uint8Array();

/** Splits a protobuf text-format document; the last token is `end`. Throws {@link TextFormatError}. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  // A byte order mark, as some editors put it, is no part of the text.
  const start = text.startsWith("\ufeff") ? 1 : 0;
  let offset = start;
  let line = 1;
  let lineStart = start;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    return pattern.exec(text)?.[0];
  };

  for (;;) {
    const blank = match(skipped);
    if (blank !== undefined) {
      for (let i = blank.indexOf("\n"); i >= 0; i = blank.indexOf("\n", i + 1)) {
        line++;
        lineStart = offset + i + 1;
      }
      offset += blank.length;
    }
    const position = { line, column: offset - lineStart + 1 };
    const first = text[offset];
    if (first === undefined) {
      tokens.push({ kind: "end", text: "", bytes: none, ...position });
      return tokens;
    }
    if (first === '"' || first === "'") {
      const { end, bytes } = readTextString(text, offset, position);
      tokens.push({ kind: "string", text: text.slice(offset, end), bytes, ...position });
      offset = end;
      continue;
    }
    const word = match(identifier);
    const number = word === undefined ? (match(hexadecimal) ?? match(decimal)) : undefined;
    if (word === undefined && number === undefined && first < " ") {
      throw new TextFormatError(position, "Invalid control characters encountered in text.");
    }
    const found = word ?? number ?? String.fromCodePoint(text.codePointAt(offset) as number);
    offset += found.length;
    if (number !== undefined) checkNumber(number, text[offset], position);
    const kind = word !== undefined ? "identifier" : number !== undefined ? numberKind(found) : "symbol";
    tokens.push({ kind, text: found, bytes: none, ...position });
  }
}

function numberKind(text: string): "integer" | "float" {
  return /^(?:0[xX]|\d+$)/.test(text) ? "integer" : "float";
}

function checkNumber(number: string, next: string | undefined, position: { line: number; column: number }) {
  if (next !== undefined && /[A-Za-z0-9_.]/.test(next)) {
    throw new TextFormatError(position, `Need space between number and identifier, after "${number}".`);
  }
  if (!/^0\d/.test(number)) return;
  if (numberKind(number) === "float") {
    throw new TextFormatError(position, "Hex and octal numbers must be integers.");
  }
  if (/[89]/.test(number)) {
    throw new TextFormatError(position, "Numbers starting with leading zero must be in octal.");
  }
}
