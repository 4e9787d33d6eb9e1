import { Readable } from "node:stream";

/** Chunks that are there already, as a stream that hands them on as they are. */
export class ChunkStream extends Readable {
  readonly #chunks: readonly Uint8Array[];
  #next = 0;

  constructor(chunks: readonly Uint8Array[]) {
    super();
    this.#chunks = chunks;
  }

  override _read(): void {
    const chunk = this.#chunks[this.#next++];
    if (chunk !== undefined && chunk.byteLength === 0) this._read();
    else this.push(chunk ?? null);
  }
}
