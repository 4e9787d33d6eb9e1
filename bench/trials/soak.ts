// Infers, or loads and closes, many times in a process of its own, and looks at its memory on the way.
import { readFileSync } from "node:fs";
import { randomFloats } from "../../test/support/random.js";
import {
  type BenchModel,
  type Framework,
  inputDims,
  inputName,
  modelDirectory,
} from "../measure/bench-model.js";
import { product } from "../measure/product.js";

export interface SoakTrial {
  readonly framework: Framework;
  readonly work: "infer" | "load";
  readonly count: number;
}

export interface SoakResult {
  /** Resident memory at the start, and after each fortieth of the work. */
  readonly rssMegabytes: readonly number[];
  readonly seconds: number;
}

const { framework, work, count } = JSON.parse(process.argv[2] ?? "") as SoakTrial;
const started = performance.now();
const rssMegabytes = work === "infer" ? await inferring() : await loading();
const result: SoakResult = { rssMegabytes, seconds: (performance.now() - started) / 1000 };
process.stdout.write(`${JSON.stringify(result)}\n`);

/** Mostly single rows, whose outputs are copied; each fiftieth request is large enough that its output is not. */
async function inferring(): Promise<number[]> {
  const { model, input } = describe("tiny", 4096);
  const loaded = await product.load(modelDirectory(model));
  const small = randomFloats(input.length, 1);
  const large = randomFloats(input.length * 2048, 2);
  const rss = [await residentMegabytes()];
  for (let part = 0; part < 40; part++) {
    let left = count / 40;
    const caller = async () => {
      while (left-- > 0) await loaded.infer({ [input.name]: left % 50 === 0 ? large : small });
    };
    await Promise.all(Array.from({ length: 32 }, caller));
    rss.push(await residentMegabytes());
  }
  await loaded.close();
  return rss;
}

async function loading(): Promise<number[]> {
  const { model, input } = describe("mlp", 32);
  const directory = modelDirectory(model);
  const data = randomFloats(input.length, 1);
  const rss = [await residentMegabytes()];
  for (let cycle = 1; cycle <= count; cycle++) {
    const loaded = await product.load(directory);
    await loaded.infer({ [input.name]: data });
    await loaded.close();
    const part = (cycles: number) => Math.floor((cycles * 40) / count);
    if (part(cycle) > part(cycle - 1)) rss.push(await residentMegabytes());
  }
  return rss;
}

function describe(network: "tiny" | "mlp", maxBatchSize: number) {
  const model: BenchModel = { framework, network, maxBatchSize, dynamicBatching: true };
  const length = inputDims(model).reduce((product, dim) => product * dim, 1);
  return { model, input: { name: inputName(framework), length } };
}

async function residentMegabytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const pages = Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]);
  return (pages * 4096) / 2 ** 20;
}
