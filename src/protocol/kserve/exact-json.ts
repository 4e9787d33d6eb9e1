import { Code, invalidArgument, ServingError } from "../../inference/serving-error.js";

/** Deepest nesting of arrays and objects that a request may have; a tensor's `data` may use 100 of it. */
const maxDepth = 128;

/** Thrown by {@link parseExactJson}: what is wrong, and where. */
export class JsonSyntaxError extends Error {
  /** Index into the text, in UTF-16 units. */
  readonly position: number;

  constructor(phrase: string, position: number) {
    super(phrase);
    this.position = position;
  }
}

/**
 * JSON as the protocol reads it, without loss: integers become bigints, numbers with a fraction or an exponent (and
 * integers outside the 64-bit ranges) become numbers, and `NaN`, `Inf` and `Infinity` are numbers too. Slower than
 * JSON.parse; meant for texts that JSON.parse refuses or reads with loss.
 *
 * @throws {JsonSyntaxError} with the phrases of RapidJSON, which clients of the protocol know
 */
export function parseExactJson(text: string): unknown {
  return new Parser(text).parseDocument();
}

/**
 * The same from UTF-8 bytes, by JSON.parse wherever that reads the text.
 *
 * @param what named in the error, e.g. "request JSON buffer"
 * @throws {ServingError} INTERNAL: `failed to parse the <what>: <phrase> at <byte offset>`
 */
export function parseJsonBytes(bytes: Buffer, what: string, exact = false): unknown {
  const text = bytes.toString("utf8");
  if (!exact) {
    try {
      return JSON.parse(text);
    } catch {
      // NaN and Infinity are allowed here, and a fault must be described.
    }
  }
  try {
    return parseExactJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    const offset = Buffer.byteLength(text.slice(0, error.position));
    throw new ServingError(Code.INTERNAL, `failed to parse the ${what}: ${error.message} at ${offset}`);
  }
}

const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]*)?([eE][+-]?[0-9]*)?/y;
const notANumberPattern = /-?(?:NaN|Infinity|Inf)/y;

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parseDocument(): unknown {
    this.#skipSpace();
    if (this.#at === this.#text.length) throw new JsonSyntaxError("The document is empty.", this.#at);
    const value = this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) {
      throw new JsonSyntaxError("The document root must not be followed by other values.", this.#at);
    }
    return value;
  }

  #value(): unknown {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  #nested(parse: () => unknown): unknown {
    if (++this.#depth > maxDepth) {
      throw invalidArgument("JSON nesting depth exceeds maximum allowed limit (100)");
    }
    this.#at++;
    this.#skipSpace();
    const value = parse();
    this.#depth--;
    return value;
  }

  #object(): unknown {
    const object: Record<string, unknown> = Object.create(null);
    if (this.#take("}")) return object;
    for (;;) {
      if (this.#text[this.#at] !== '"') this.#fail("Missing a name for object member.");
      const name = this.#string();
      this.#skipSpace();
      if (!this.#take(":")) this.#fail("Missing a colon after a name of object member.");
      this.#skipSpace();
      object[name] = this.#value();
      this.#skipSpace();
      if (this.#take("}")) return object;
      if (!this.#take(",")) this.#fail("Missing a comma or } after an object member.");
      this.#skipSpace();
    }
  }

  #array(): unknown {
    const array: unknown[] = [];
    if (this.#take("]")) return array;
    for (;;) {
      array.push(this.#value());
      this.#skipSpace();
      if (this.#take("]")) return array;
      if (!this.#take(",")) this.#fail("Missing a comma or ] after an array element.");
      this.#skipSpace();
    }
  }

  #word(word: string, value: unknown): unknown {
    for (const character of word) if (!this.#take(character)) this.#fail("Invalid value.");
    return value;
  }

  #number(): number | bigint {
    const start = this.#at;
    numberPattern.lastIndex = start;
    const match = numberPattern.exec(this.#text);
    if (!match) return this.#notANumber();
    const [digits, fraction, exponent] = match;
    this.#at += digits.length;
    if (fraction === ".") this.#fail("Miss fraction part in number.");
    if (exponent && !/[0-9]$/.test(exponent)) this.#fail("Miss exponent in number.");
    if (fraction === undefined && exponent === undefined) {
      const integer = BigInt(digits);
      if (integer === BigInt.asUintN(64, integer) || integer === BigInt.asIntN(64, integer)) {
        return integer;
      }
    }
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new JsonSyntaxError("Number too big to be stored in double.", start);
    return value;
  }

  #notANumber(): number {
    notANumberPattern.lastIndex = this.#at;
    const match = notANumberPattern.exec(this.#text);
    if (!match) {
      if (this.#text[this.#at] === "-") this.#at++;
      this.#fail("Invalid value.");
    }
    this.#at += match[0].length;
    if (match[0].endsWith("NaN")) return Number.NaN;
    return match[0].startsWith("-") ? -Infinity : Infinity;
  }

  #string(): string {
    this.#at++;
    let value = "";
    for (;;) {
      const start = this.#at;
      let code = this.#text.charCodeAt(this.#at);
      while (code >= 0x20 && code !== 0x22 && code !== 0x5c) code = this.#text.charCodeAt(++this.#at);
      value += this.#text.slice(start, this.#at);
      if (this.#take('"')) return value;
      if (code === 0x5c) value += this.#escape();
      else if (code > 0) this.#fail("Invalid encoding in string.");
      else this.#fail("Missing a closing quotation mark in string.");
    }
  }

  #escape(): string {
    const start = this.#at;
    const letter = this.#text[start + 1] ?? "";
    this.#at += 2;
    const simple = escapes[letter];
    if (simple !== undefined) return simple;
    if (letter !== "u") throw new JsonSyntaxError("Invalid escape character in string.", start);
    const unit = this.#hex(start);
    if (unit < 0xd800 || unit > 0xdfff) return String.fromCharCode(unit);
    const isPair = unit < 0xdc00 && this.#text.startsWith("\\u", this.#at);
    this.#at += isPair ? 2 : 0;
    const low = isPair ? this.#hex(start) : 0;
    if (low < 0xdc00 || low > 0xdfff) {
      throw new JsonSyntaxError("The surrogate pair in string is invalid.", start);
    }
    return String.fromCharCode(unit, low);
  }

  #hex(start: number): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw new JsonSyntaxError("Incorrect hex digit after \\u escape in string.", start);
    }
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #fail(phrase: string): never {
    throw new JsonSyntaxError(phrase, this.#at);
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};
