import { type Datatype, datatypeByNumber } from "../inference/datatype.js";
import { type Code, ServingError } from "../inference/serving-error.js";
import type { ExecutionTimings } from "./engine-model.js";

/** One output of a batch, for all its requests together. */
export interface BatchOutput {
  readonly position: number;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
  /** BYTES only: where each row ends, in bytes behind `byteOffset`. */
  readonly rowEnds: readonly number[] | undefined;
}

/** The outcome of one execution. */
export interface Completion {
  readonly slot: number;
  readonly error: ServingError | undefined;
  /** Which ran it, or was to run it. */
  readonly instance: number;
  /** The engine still uses inputs of these requests. */
  readonly retained: boolean;
  readonly timings: ExecutionTimings;
  /** The requests, in batch order. */
  readonly tokens: readonly number[];
  readonly outputs: readonly BatchOutput[];
}

/** Milliseconds between the steady clock's zero and that of `performance.now()`. */
const clockOffset = Number(process.hrtime.bigint()) / 1e6 - performance.now();

/**
 * Reads what an addon hands over at a wake-up of the event loop.
 *
 * @see `Completions` in native/binding/completions.h for the layout
 */
export class CompletionReader {
  private at = 0;
  private message = 0;

  constructor(
    private readonly numbers: Float64Array,
    private readonly buffers: readonly ArrayBuffer[],
    private readonly messages: readonly string[],
  ) {}

  readAll(handle: (completion: Completion) => void): void {
    const count = this.next();
    for (let i = 0; i < count; i++) handle(this.readCompletion());
  }

  private readCompletion(): Completion {
    const slot = this.next();
    const code = this.next();
    const instance = this.next();
    const requestCount = this.next();
    const retained = this.next() === 1;
    const timings = {
      computeStart: this.nextTime(),
      computeInputEnd: this.nextTime(),
      computeOutputStart: this.nextTime(),
      computeEnd: this.nextTime(),
      rows: this.next(),
    };
    const outputCount = this.next();
    const tokens = this.nextList(requestCount);
    const outputs: BatchOutput[] = [];
    for (let i = 0; i < outputCount; i++) outputs.push(this.readOutput());
    const error =
      code === 0 ? undefined : new ServingError(code as Code, this.messages[this.message++] as string);
    return { slot, error, instance, retained, timings, tokens, outputs };
  }

  private readOutput(): BatchOutput {
    const position = this.next();
    const datatype = datatypeByNumber[this.next()] as Datatype;
    const buffer = this.buffers[this.next()] as ArrayBuffer;
    const byteOffset = this.next();
    const byteLength = this.next();
    const shape = this.nextList(this.next());
    const rowEndCount = this.next();
    const rowEnds = datatype === "BYTES" ? this.nextList(rowEndCount) : undefined;
    return { position, datatype, shape, buffer, byteOffset, byteLength, rowEnds };
  }

  private nextList(length: number): number[] {
    const list: number[] = [];
    for (let i = 0; i < length; i++) list.push(this.next());
    return list;
  }

  private nextTime(): number {
    return this.next() / 1e6 - clockOffset;
  }

  private next(): number {
    return this.numbers[this.at++] as number;
  }
}
