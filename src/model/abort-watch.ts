/** Wants to know when its caller gives up. */
export interface Abortable {
  aborted(): void;
}

const watches = new WeakMap<AbortSignal, AbortWatch>();

/** All that wait for one signal: together they are one listener, for Node.js warns of a leak from the eleventh on. */
class AbortWatch {
  readonly waiting = new Set<Abortable>();

  handleEvent(): void {
    for (const abortable of this.waiting) abortable.aborted();
  }
}

/** Calls `aborted` when the signal fires, until {@link unwatchAbort}. */
export function watchAbort(signal: AbortSignal, abortable: Abortable): void {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = new AbortWatch();
    watches.set(signal, watch);
    signal.addEventListener("abort", watch);
  }
  watch.waiting.add(abortable);
}

export function unwatchAbort(signal: AbortSignal, abortable: Abortable): void {
  const watch = watches.get(signal);
  if (watch === undefined) return;
  watch.waiting.delete(abortable);
  if (watch.waiting.size > 0) return;
  watches.delete(signal);
  signal.removeEventListener("abort", watch);
}
