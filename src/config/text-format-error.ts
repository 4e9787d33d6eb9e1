/** Where and why a text cannot be read. Line and column count from 1; the message begins with them: `3:7: ...`. */
export class TextFormatError extends Error {
  override readonly name = "TextFormatError";
  readonly line: number;
  readonly column: number;

  constructor(position: { readonly line: number; readonly column: number }, reason: string) {
    super(`${position.line}:${position.column}: ${reason}`);
    this.line = position.line;
    this.column = position.column;
  }
}
