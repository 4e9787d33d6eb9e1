// Loads and closes one large model many times, and looks at the memory of this process and its children in between.
import { readFileSync } from "node:fs";
import { descendants } from "../measure/descendants.js";
import { product } from "../measure/product.js";

export interface UnloadTrial {
  /** A SavedModel directory. */
  readonly path: string;
  readonly config: object;
  readonly cycles: number;
}

export interface UnloadResult {
  /** Resident, of all processes: before the first load, then with the model closed again after each cycle. */
  readonly closedMegabytes: readonly number[];
  /** The same while the model is loaded. */
  readonly loadedMegabytes: readonly number[];
  /** Processes beside this one once all is closed. */
  readonly processesLeft: number;
}

/** What runs TypeScript is not ours. */
const others = new Set(descendants(process.pid).slice(1));
const ours = () => descendants(process.pid).filter((id) => !others.has(id));

const { path, config, cycles } = JSON.parse(process.argv[2] ?? "") as UnloadTrial;
const closedMegabytes = [await residentMegabytes()];
const loadedMegabytes: number[] = [];
for (let cycle = 0; cycle < cycles; cycle++) {
  const model = await product.load(path, { config });
  await model.infer({ at: Int32Array.of(0) });
  loadedMegabytes.push(await residentMegabytes());
  await model.close();
  closedMegabytes.push(await residentMegabytes());
}
const processesLeft = ours().length - 1;
process.stdout.write(
  `${JSON.stringify({ closedMegabytes, loadedMegabytes, processesLeft } satisfies UnloadResult)}\n`,
);

async function residentMegabytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return ours().reduce((sum, id) => sum + pages(id) * 4096, 0) / 2 ** 20;
}

function pages(id: number): number {
  try {
    return Number(readFileSync(`/proc/${id}/statm`, "utf8").split(" ")[1]);
  } catch {
    return 0; // ended meanwhile
  }
}
