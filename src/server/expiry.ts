import { Code, ServingError } from "../inference/serving-error.js";

/** One time budget for several steps. */
export class Expiry {
  readonly #expired: Promise<never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(budgetMs: number) {
    this.#expired = new Promise((_resolve, reject) => {
      const late = () =>
        reject(new ServingError(Code.DEADLINE_EXCEEDED, "Exit timeout expired. Exiting immediately."));
      this.#timer = setTimeout(late, budgetMs);
    });
    this.#expired.catch(() => {});
  }

  /** As `step`; rejects with DEADLINE_EXCEEDED once the budget is used up. */
  limit<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, this.#expired]);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
