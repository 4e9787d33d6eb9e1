/** A model's instances as its scheduler sees them: it takes one when a batch is due, and forms the batch then. */
export interface Instances {
  /** Whether one of them has nothing to do. */
  readonly hasIdle: boolean;
  /** Called when {@link take} may succeed that did not. To be set by the scheduler. */
  onReady: () => void;
  /**
   * Takes an instance, to be given back with {@link release}.
   *
   * @returns its number, {@link anyInstance} where it does not matter which runs, undefined if there is none now
   */
  take(): number | undefined;
  /**
   * To be called last whenever the scheduler has looked at its queue: others may have what is left.
   *
   * @param isWaiting whether a batch is due for which {@link take} had no instance
   */
  settle(isWaiting: boolean): void;
  /** The batch that an instance was taken for has been executed, or will not be. */
  release(instance: number): void;
}

/** In place of an instance's number: whichever is idle. */
export const anyInstance = -1;

/** So many instances that run whenever there is a batch for them. */
export class UnlimitedInstances implements Instances {
  onReady = nothing;

  private idle: number;

  constructor(count: number) {
    this.idle = count;
  }

  get hasIdle(): boolean {
    return this.idle > 0;
  }

  take(): number | undefined {
    if (this.idle === 0) return undefined;
    this.idle--;
    return anyInstance;
  }

  settle(): void {}

  release(): void {
    this.idle++;
  }
}

function nothing(): void {}
