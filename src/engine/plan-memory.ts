import type { ExecutionPlanReport } from "./engine-model.js";
import type { NativePlace } from "./tensorflow-addon.js";

/** How many choices are kept; the oldest are forgotten first. */
const CAPACITY = 1000;

/**
 * The execution plans that were measured to be fastest, while this process lives: a version of a model with the same graph
 * as the one before it, and so with other weights at most, need not be measured while that one serves.
 */
export class PlanMemory {
  private readonly chosen = new Map<string, string>();

  /** The place with no more plans than what was chosen for the same key needs; as it is if nothing was. */
  recall(key: string | undefined, place: NativePlace): NativePlace {
    const name = key === undefined ? undefined : this.chosen.get(key);
    const plan = place.plans.find((candidate) => candidate.name === name);
    const first = place.plans[0];
    if (plan === undefined || first === undefined) return place;
    // A frozen graph is compared with the model it is made from, for its weights are new.
    return { ...place, plans: plan.frozen ? [first, plan] : [plan], fallback: 0 };
  }

  /** @param key undefined: nothing is known of the graph, and nothing is kept */
  keep(key: string | undefined, { plan, timings }: ExecutionPlanReport): void {
    if (key === undefined || timings.length === 0) return;
    this.chosen.delete(key);
    this.chosen.set(key, plan);
    const [oldest] = this.chosen.keys();
    if (this.chosen.size > CAPACITY && oldest !== undefined) this.chosen.delete(oldest);
  }
}
