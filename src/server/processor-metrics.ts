import { readFileSync } from "node:fs";
import { Gauge, type Registry } from "prom-client";

/** Jiffies since the machine started, from the first line of `/proc/stat`. */
export interface ProcessorTime {
  readonly busy: number;
  readonly total: number;
}

/** The machine's processors and memory, measured between one reading and the next. */
export class ProcessorMetrics {
  readonly #minIntervalMs: number;
  #time: ProcessorTime;
  #readAt = 0;
  #utilization = 0;

  /** @param minIntervalMs readings closer together than this repeat the last utilization */
  constructor(minIntervalMs: number) {
    this.#minIntervalMs = minIntervalMs;
    this.#time = processorTime(readFileSync("/proc/stat", "utf8"));
  }

  register(registry: Registry): void {
    this.#measure();
    const memory = memoryUse(readFileSync("/proc/meminfo", "utf8"));
    gauge(registry, "nv_cpu_utilization", "CPU utilization rate [0.0 - 1.0]", this.#utilization);
    gauge(registry, "nv_cpu_memory_total_bytes", "CPU total memory (RAM), in bytes", memory.totalBytes);
    gauge(registry, "nv_cpu_memory_used_bytes", "CPU used memory (RAM), in bytes", memory.usedBytes);
  }

  #measure(): void {
    const now = performance.now();
    if (this.#readAt > 0 && now - this.#readAt < this.#minIntervalMs) return;
    const time = processorTime(readFileSync("/proc/stat", "utf8"));
    const elapsed = time.total - this.#time.total;
    if (elapsed > 0) this.#utilization = (time.busy - this.#time.busy) / elapsed;
    this.#time = time;
    this.#readAt = now;
  }
}

/** @see proc_stat(5): user nice system idle iowait irq softirq steal */
export function processorTime(stat: string): ProcessorTime {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = stat
    .slice(0, stat.indexOf("\n"))
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { busy, total: busy + idle + iowait };
}

/** @see proc_meminfo(5) */
export function memoryUse(meminfo: string): { totalBytes: number; usedBytes: number } {
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s*([0-9]+) kB`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  const totalBytes = bytes("MemTotal");
  return { totalBytes, usedBytes: totalBytes - bytes("MemAvailable") };
}

function gauge(registry: Registry, name: string, help: string, value: number): void {
  new Gauge({ name, help, registers: [registry] }).set(value);
}
