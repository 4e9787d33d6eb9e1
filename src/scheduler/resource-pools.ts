import { invalidArgument } from "../inference/serving-error.js";

/** What an instance needs of a resource while it runs. */
export interface ResourceDemand {
  readonly name: string;
  /** Whether all devices share it; else each has its own. */
  readonly global: boolean;
  readonly count: number;
}

/** How much there is of a resource. */
export interface ResourceLimit {
  readonly name: string;
  readonly count: number;
  /** The device that has so much, 0 also for the CPU; left out: every device. Without meaning for a global resource. */
  readonly device?: number;
}

/** Where an instance runs: a GPU's id, or `cpu`, which all instances share that are on no GPU. */
export type Device = number | "cpu";

/** One resource at one place: how much there is, and how much of it is taken. */
interface Pool {
  readonly name: string;
  readonly place: Device | "global";
  limit: number;
  taken: number;
}

/** What one instance takes from the pools, all of it or nothing. */
export type Share = readonly { readonly pool: Pool; readonly count: number }[];

/**
 * The resources that instances of all models share. There is as much of each as the limits say; without any limits, as
 * much as the most demanding instance needs.
 *
 * @see Triton "Rate Limiter", "Resources"
 */
export class ResourcePools {
  private readonly limits: readonly ResourceLimit[];
  private readonly shares = new Set<Share>();
  private pools: Pool[] = [];

  /**
   * @param limits if there are any, what they do not name is not there at all; of two for the same the smaller holds
   * @throws {ServingError} INVALID_ARGUMENT for counts and devices that are not integers from 0 on
   */
  constructor(limits: readonly ResourceLimit[]) {
    for (const limit of limits) checkLimit(limit);
    this.limits = limits;
  }

  /**
   * Takes instances in, each with a device and what it demands there.
   *
   * @returns their shares, in the same order
   * @throws {ServingError} INVALID_ARGUMENT if one could never run, or if a resource is global for one instance and not
   *   for another; none is taken in then
   */
  add(
    instances: readonly { readonly device: Device; readonly resources: readonly ResourceDemand[] }[],
  ): readonly Share[] {
    const known = this.pools;
    this.pools = [...known];
    try {
      const shares = instances.map(({ device, resources }) => this.share(device, resources));
      if (this.limits.length > 0) for (const share of shares) checkShare(share);
      for (const share of shares) this.shares.add(share);
      this.measure();
      return shares;
    } catch (thrown) {
      this.pools = known;
      throw thrown;
    }
  }

  /** Lets go of instances that do not run. */
  remove(shares: readonly Share[]): void {
    for (const share of shares) this.shares.delete(share);
    const used = new Set([...this.shares].flatMap((share) => share.map(({ pool }) => pool)));
    this.pools = this.pools.filter((pool) => used.has(pool));
    this.measure();
  }

  /** Takes all that an instance needs, if it is there. */
  tryTake(share: Share): boolean {
    if (!this.hasFor(share)) return false;
    for (const { pool, count } of share) pool.taken += count;
    return true;
  }

  giveBack(share: Share): void {
    for (const { pool, count } of share) pool.taken -= count;
  }

  hasFor(share: Share): boolean {
    for (const { pool, count } of share) if (pool.taken + count > pool.limit) return false;
    return true;
  }

  /** How much there is of everything, as lines of a log. */
  describe(): string[] {
    const lines = ["Max Resource Map===>"];
    for (const place of new Set(this.pools.map((pool) => pool.place))) {
      lines.push(`\tDevice: ${place === "global" ? "GLOBAL" : place === "cpu" ? "CPU" : place}`);
      for (const pool of this.pools) {
        if (pool.place === place) lines.push(`\t\tResource: ${pool.name}\t Count: ${pool.limit}`);
      }
    }
    return lines;
  }

  /** A resource that is named twice is needed twice. */
  private share(device: Device, demands: readonly ResourceDemand[]): Share {
    const counts = new Map<Pool, number>();
    for (const { name, global, count } of demands) {
      const pool = this.pool(name, global ? "global" : device);
      counts.set(pool, (counts.get(pool) ?? 0) + count);
    }
    return [...counts].map(([pool, count]) => ({ pool, count }));
  }

  private pool(name: string, place: Pool["place"]): Pool {
    for (const pool of this.pools) {
      if (pool.name !== name) continue;
      if (pool.place === place) return pool;
      if (pool.place !== "global" && place !== "global") continue;
      throw invalidArgument(
        `Resource "${name}" is present as both global and device-specific resource in the model configuration.`,
      );
    }
    const pool = { name, place, limit: this.explicitLimit(name, place), taken: 0 };
    this.pools.push(pool);
    return pool;
  }

  private explicitLimit(name: string, place: Pool["place"]): number {
    const named = this.limits.filter((limit) => limit.name === name);
    if (place === "global") return Math.max(0, ...named.map(({ count }) => count));
    const device = place === "cpu" ? 0 : place;
    const own = named.filter((limit) => limit.device === device);
    const holding = own.length > 0 ? own : named.filter((limit) => limit.device === undefined);
    return holding.length === 0 ? 0 : Math.min(...holding.map(({ count }) => count));
  }

  private measure(): void {
    if (this.limits.length > 0) return;
    for (const pool of this.pools) pool.limit = 0;
    for (const share of this.shares) {
      for (const { pool, count } of share) pool.limit = Math.max(pool.limit, count);
    }
  }
}

function checkShare(share: Share): void {
  for (const { pool, count } of share) {
    if (count <= pool.limit) continue;
    throw invalidArgument(
      `Resource count for "${pool.name}" is limited to ${pool.limit} which will prevent scheduling of one or more ` +
        `model instances, the minimum required count is ${count}`,
    );
  }
}

function checkLimit({ name, count, device }: ResourceLimit): void {
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (!isCount(count)) {
    throw invalidArgument(
      `resource '${name}' of the rate limiter: expected a count of 0 or more, got ${count}`,
    );
  }
  if (device !== undefined && !isCount(device)) {
    throw invalidArgument(
      `resource '${name}' of the rate limiter: expected a device of 0 or more, got ${device}`,
    );
  }
}
