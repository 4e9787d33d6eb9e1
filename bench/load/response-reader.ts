/** Finds the ends of keep-alive HTTP responses in what a socket delivers, and looks at nothing else. */
export class ResponseReader {
  readonly #onResponse: (status: number) => void;
  /** Bytes of a head that is not complete yet. */
  #head: Buffer | undefined;
  /** Bytes of the body that are still to come. */
  #missing = 0;
  #status = 0;

  constructor(onResponse: (status: number) => void) {
    this.#onResponse = onResponse;
  }

  read(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, rest.length);
        this.#missing -= taken;
        rest = rest.subarray(taken);
        if (this.#missing === 0) this.#onResponse(this.#status);
        continue;
      }
      const head = this.#head ? Buffer.concat([this.#head, rest]) : rest;
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) {
        this.#head = head;
        return;
      }
      this.#head = undefined;
      const text = head.toString("latin1", 0, end);
      this.#status = Number(text.slice(9, 12));
      this.#missing = contentLength(text);
      rest = head.subarray(end + 4);
      if (this.#missing === 0) this.#onResponse(this.#status);
    }
  }
}

function contentLength(head: string): number {
  const found = /\r\ncontent-length: *(\d+)/i.exec(head);
  if (!found) throw new Error(`a response without Content-Length: ${head}`);
  return Number(found[1]);
}
