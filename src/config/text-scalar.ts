import type { Scalar } from "./message.js";
import { type EnumType, integerRanges, type ScalarType } from "./message-schema.js";
import { TextFormatError } from "./text-format-error.js";
import type { Token } from "./text-tokens.js";
import { describe, type TokenCursor } from "./token-cursor.js";

/** Reads one scalar of a text-format document: see {@link readTextFormat}. */
export function readTextScalar(cursor: TokenCursor, type: ScalarType): Scalar {
  if (type.kind === "string" || type.kind === "bytes") return readString(cursor, type.kind);
  const isNegative = type.kind !== "bool" && cursor.takeIf("-");
  const token = cursor.take();
  switch (type.kind) {
    case "bool":
      return readBool(token);
    case "enum":
      return readEnum(token, isNegative, type);
    case "integer":
      return readInteger(token, isNegative, type.integer);
    case "float":
      return readFloat(token, isNegative, type.bits);
  }
}

/** Strings that follow each other are one. */
function readString(cursor: TokenCursor, kind: "string" | "bytes"): string | Uint8Array {
  const first = cursor.peek();
  if (first.kind !== "string") expected("a quoted string", first);
  const parts: Uint8Array[] = [];
  while (cursor.peek().kind === "string") parts.push(cursor.take().bytes);
  const bytes = Buffer.concat(parts);
  if (kind === "bytes") return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new TextFormatError(first, "The string is not valid UTF-8.");
  }
}

const bools: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  false: false,
  False: false,
  f: false,
};

function readBool(token: Token): boolean {
  const named = token.kind === "identifier" ? bools[token.text] : undefined;
  if (named !== undefined) return named;
  if (token.kind !== "integer") return expected("true or false", token);
  const number = integerValue(token);
  if (number > 1n) throw new TextFormatError(token, `Integer out of range for a bool: ${token.text}.`);
  return number === 1n;
}

function readEnum(token: Token, isNegative: boolean, type: EnumType): string {
  if (token.kind === "identifier" && !isNegative) {
    if (type.numbers.has(token.text)) return token.text;
    throw new TextFormatError(
      token,
      `Unknown enumeration value "${token.text}" for ${type.fullName}, expected one of ${[...type.numbers.keys()].join(", ")}.`,
    );
  }
  if (token.kind !== "integer") return expected(`a value of ${type.fullName}`, token);
  const number = isNegative ? -integerValue(token) : integerValue(token);
  for (const [name, value] of type.numbers) if (BigInt(value) === number) return name;
  throw new TextFormatError(token, `Unknown enumeration value ${number} for ${type.fullName}.`);
}

function readInteger(token: Token, isNegative: boolean, type: keyof typeof integerRanges): number | bigint {
  const [least, greatest] = integerRanges[type];
  if (token.kind !== "integer") return expected("an integer", token);
  const value = isNegative ? -integerValue(token) : integerValue(token);
  if (value < least || value > greatest || (isNegative && least === 0n)) {
    const written = `${isNegative ? "-" : ""}${token.text}`;
    throw new TextFormatError(
      token,
      `Integer out of range: ${written} is not an ${type} (${least} to ${greatest}).`,
    );
  }
  return type.endsWith("64") ? value : Number(value);
}

/** Decimal, `0x` hexadecimal or, with a leading zero, octal. */
function integerValue(token: Token): bigint {
  return BigInt(/^0[0-7]+$/.test(token.text) ? `0o${token.text.slice(1)}` : token.text);
}

function readFloat(token: Token, isNegative: boolean, bits: 32 | 64): number {
  const value = floatMagnitude(token);
  const signed = isNegative ? -value : value;
  return bits === 32 ? Math.fround(signed) : signed;
}

function floatMagnitude(token: Token): number {
  if (token.kind === "float") return Number(token.text.replace(/[fF]$/, ""));
  if (token.kind === "integer") {
    if (/^0./.test(token.text))
      throw new TextFormatError(token, `Expected a decimal number, found ${token.text}.`);
    return Number(token.text);
  }
  if (token.kind === "identifier") {
    const name = token.text.toLowerCase();
    if (name === "inf" || name === "infinity") return Number.POSITIVE_INFINITY;
    if (name === "nan") return Number.NaN;
  }
  return expected("a number", token);
}

function expected(what: string, token: Token): never {
  throw new TextFormatError(token, `Expected ${what}, found ${describe(token)}.`);
}
