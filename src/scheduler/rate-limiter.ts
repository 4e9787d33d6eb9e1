import type { Instances } from "./instances.js";
import {
  type Device,
  type ResourceDemand,
  type ResourceLimit,
  ResourcePools,
  type Share,
} from "./resource-pools.js";

export interface RateLimiterOptions {
  /**
   * How much there is of each resource; what is not named is not there. Default: as much of each as the most demanding
   * instance needs.
   */
  readonly resources?: readonly ResourceLimit[];
}

/** What the limiter has to know of an instance. */
export interface InstanceDemand {
  readonly device: Device;
  readonly resources: readonly ResourceDemand[];
  /** An instance of priority 2 gets half as many turns as one of priority 1; 0 is 1. */
  readonly priority: number;
}

interface LimitedInstance {
  readonly number: number;
  readonly owner: LimitedInstances;
  readonly share: Share;
  readonly priority: number;
  executions: number;
  isIdle: boolean;
}

/**
 * Decides which instances of all models given to it may run: those whose resources are there. An instance takes what it
 * needs of every resource at once, before its batch is formed, and gives it back when the batch has been executed.
 *
 * Models with a batch due are served by turns: the idle instance whose executions so far, times its priority, are fewest
 * is next; of equals, the one of the model that has waited longest. If its resources are not there, nobody runs before
 * it, so that an instance with large demands is not passed by for ever.
 *
 * It is handed neither a clock nor what is executed, and is called by one thread.
 *
 * @see Triton "Rate Limiter"
 */
export class RateLimiter {
  private readonly pools: ResourcePools;
  /** Models with a batch due, the one that has waited longest first. */
  private readonly waiting = new Set<LimitedInstances>();
  private isGranting = false;

  /** @throws {ServingError} INVALID_ARGUMENT for counts and devices that are not integers from 0 on */
  constructor({ resources = [] }: RateLimiterOptions = {}) {
    this.pools = new ResourcePools(resources);
  }

  /**
   * Takes a model's instances in.
   *
   * @throws {ServingError} INVALID_ARGUMENT if one of them could never run, or if a resource is global for one instance
   *   and not for another
   */
  add(instances: readonly InstanceDemand[]): LimitedInstances {
    const shares = this.pools.add(instances);
    const added = new LimitedInstances(this, instances, shares);
    this.grant();
    return added;
  }

  /** How much there is of every resource, as lines of a log. */
  describe(): string[] {
    return this.pools.describe();
  }

  /** @internal */
  take(owner: LimitedInstances): LimitedInstance | undefined {
    this.waiting.add(owner);
    const next = this.next();
    if (next?.owner !== owner || !this.pools.tryTake(next.share)) return undefined;
    this.waiting.delete(owner);
    return next;
  }

  /** @internal */
  settle(owner: LimitedInstances, isWaiting: boolean): void {
    if (!isWaiting) this.waiting.delete(owner);
    this.grant();
  }

  /** @internal */
  release({ share }: LimitedInstance): void {
    this.pools.giveBack(share);
  }

  /** @internal */
  remove(owner: LimitedInstances, shares: readonly Share[]): void {
    this.waiting.delete(owner);
    this.pools.remove(shares);
    this.grant();
  }

  /** Calls those that wait, as long as the next of them can run: it takes its instance, or has nothing due any more. */
  private grant(): void {
    if (this.isGranting) return;
    this.isGranting = true;
    try {
      for (let next = this.next(); next !== undefined && this.pools.hasFor(next.share); next = this.next()) {
        next.owner.onReady();
      }
    } finally {
      this.isGranting = false;
    }
  }

  private next(): LimitedInstance | undefined {
    let next: LimitedInstance | undefined;
    for (const { nextIdle } of this.waiting) {
      if (nextIdle !== undefined && (next === undefined || turns(nextIdle) < turns(next))) next = nextIdle;
    }
    return next;
  }
}

/** The instances of one model under a rate limiter, by number in the order in which they were added. */
export class LimitedInstances implements Instances {
  onReady: () => void;

  private readonly limiter: RateLimiter;
  private readonly instances: readonly LimitedInstance[];

  /** @internal */
  constructor(limiter: RateLimiter, demands: readonly InstanceDemand[], shares: readonly Share[]) {
    this.limiter = limiter;
    this.instances = demands.map(({ priority }, number) => ({
      number,
      owner: this,
      share: shares[number] as Share,
      priority: Math.max(priority, 1),
      executions: 0,
      isIdle: true,
    }));
    this.onReady = () => this.settle(false);
  }

  get hasIdle(): boolean {
    return this.nextIdle !== undefined;
  }

  /** The one whose turn it would be. */
  get nextIdle(): LimitedInstance | undefined {
    let next: LimitedInstance | undefined;
    for (const instance of this.instances) {
      if (instance.isIdle && (next === undefined || turns(instance) < turns(next))) next = instance;
    }
    return next;
  }

  take(): number | undefined {
    const taken = this.limiter.take(this);
    if (taken === undefined) return undefined;
    taken.isIdle = false;
    taken.executions++;
    return taken.number;
  }

  settle(isWaiting: boolean): void {
    this.limiter.settle(this, isWaiting);
  }

  release(number: number): void {
    const instance = this.instances[number] as LimitedInstance;
    instance.isIdle = true;
    this.limiter.release(instance);
  }

  /** Lets go of the instances, none of which runs: there may be less of what they alone demanded so much. */
  remove(): void {
    this.limiter.remove(
      this,
      this.instances.map(({ share }) => share),
    );
  }
}

function turns({ executions, priority }: LimitedInstance): number {
  return executions * priority;
}
