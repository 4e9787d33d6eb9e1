/** A bench: one question, answered by a table. */
export interface Bench {
  readonly name: string;
  readonly question: string;
  run(): Promise<Outcome>;
}

export interface Outcome {
  /** What took part, beyond the machine: peers and their versions, settings. */
  readonly facts: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  /** Every trial as it was measured, for who wants to compute otherwise. */
  readonly trials?: unknown;
}

/** Cells by column; the first row's columns are the table's. */
export type Row = Readonly<Record<string, string | number>>;

/** Three significant digits are all that a busy machine gives. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
