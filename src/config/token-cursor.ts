import { TextFormatError } from "./text-format-error.js";
import type { Token } from "./text-tokens.js";

/** The tokens of a document that are still to be read. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  /** The next token, which is then behind; the end stays. */
  take(): Token {
    const token = this.peek();
    if (token.kind !== "end") this.#next++;
    return token;
  }

  /** Takes the symbol if it comes next. */
  takeIf(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.#next++;
    return true;
  }

  expect(symbol: string): void {
    if (!this.takeIf(symbol)) this.fail(`Expected "${symbol}", found ${describe(this.peek())}.`);
  }

  fail(reason: string): never {
    throw new TextFormatError(this.peek(), reason);
  }
}

/** A token as an error names it. */
export function describe(token: Token): string {
  return token.kind === "end" ? "the end of the text" : `"${token.text.slice(0, 60)}"`;
}
