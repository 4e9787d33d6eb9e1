import { loadServer, type ServerLoad } from "./load.js";
import { type Row, rounded } from "./outcome.js";
import { sameAnswer } from "./same-answer.js";
import { median, ratio } from "./statistics.js";

export const CONCURRENCIES = [1, 8, 32];
export const RACE_ROUNDS = 5;

/** A server, and what to ask it. */
export interface Contestant {
  readonly server: { readonly httpPort: number; readonly pid: number };
  readonly request: Buffer;
}

export interface Race {
  readonly rows: readonly Row[];
  /** By concurrency and contestant. */
  readonly loads: Readonly<Record<string, Readonly<Record<string, readonly ServerLoad[]>>>>;
}

/**
 * Puts servers under load by turns, at 1, 8 and 32 connections; their answers are compared first.
 *
 * @param contestants by name; the first one is compared with each of the others
 */
export async function race(contestants: Readonly<Record<string, Contestant>>): Promise<Race> {
  await sameAnswer(
    Object.values(contestants).map(({ server, request }) => ({ port: server.httpPort, request })),
  );
  const [ours = ""] = Object.keys(contestants);
  const rows: Row[] = [];
  const loads: Record<string, Record<string, ServerLoad[]>> = {};
  for (const connections of CONCURRENCIES) {
    const measured = await interleaved(contestants, connections);
    loads[connections] = measured;
    for (const [name, all] of Object.entries(measured)) {
      rows.push(row(name, connections, all, name === ours ? undefined : measured[ours]));
    }
  }
  return { rows, loads };
}

/** A B C A B C …: what disturbs the machine for a while disturbs all of a round alike. */
async function interleaved(
  contestants: Readonly<Record<string, Contestant>>,
  connections: number,
): Promise<Record<string, ServerLoad[]>> {
  const loads: Record<string, ServerLoad[]> = {};
  for (let round = 0; round < RACE_ROUNDS; round++) {
    for (const [name, { server, request }] of Object.entries(contestants)) {
      const plan = {
        port: server.httpPort,
        request: request.toString("base64"),
        connections,
        warmUpSeconds: 0.5,
        seconds: 2,
      };
      loads[name] = [...(loads[name] ?? []), await loadServer(server.pid, plan)];
    }
  }
  return loads;
}

function row(
  name: string,
  connections: number,
  all: readonly ServerLoad[],
  ours: readonly ServerLoad[] | undefined,
): Row {
  const each = (pick: (load: ServerLoad) => number) => all.map(pick);
  const against = (pick: (load: ServerLoad) => number) =>
    ours === undefined ? "" : rounded(ratio(ours.map(pick), all.map(pick)).median);
  return {
    connections,
    server: name,
    "requests/s": rounded(median(each((load) => load.perSecond))),
    "p50 µs": rounded(median(each((load) => load.p50))),
    "p99 µs": rounded(median(each((load) => load.p99))),
    "CPU µs/request": rounded(median(each((load) => load.cpuMicros))),
    "tandem's rate ×": against((load) => load.perSecond),
    "tandem's p99 ×": against((load) => load.p99),
    "tandem's CPU ×": against((load) => load.cpuMicros),
  };
}
