// A model whose output is as large as its input, called in a process of its own for each size given in kilobytes.
import { join } from "node:path";
import { randomFloats } from "../../test/support/random.js";
import { madeModels } from "../measure/bench-model.js";
import { product } from "../measure/product.js";

export interface OutputCopyResult {
  /** Microseconds per call, by size. */
  readonly micros: readonly number[];
}

const SECONDS = 0.3;
const config = "max_batch_size: 1 instance_group [ { count: 1 kind: KIND_CPU } ]";
const model = await product.load(join(madeModels("tensorflow"), "tf-double"), { config });
const micros: number[] = [];
for (const kilobytes of JSON.parse(process.argv[2] ?? "[]") as number[]) {
  const data = randomFloats(Math.min(kilobytes * 256, 4096), 1);
  const input = { shape: [1, kilobytes * 256], data: repeat(data, kilobytes * 256) };
  await measure(input, 0.1);
  micros.push(await measure(input, SECONDS));
}
await model.close();
process.stdout.write(`${JSON.stringify({ micros } satisfies OutputCopyResult)}\n`);

async function measure(x: { shape: number[]; data: Float32Array }, seconds: number): Promise<number> {
  const started = performance.now();
  let calls = 0;
  const caller = async () => {
    while (performance.now() < started + seconds * 1000) {
      const [output] = Object.values(await model.infer({ x }));
      const first = output?.toFloat32Array()[0];
      if (first !== (x.data[0] as number) * 2) throw new Error(`wrong answer ${first}`);
      calls++;
    }
  };
  await Promise.all([caller(), caller(), caller(), caller()]);
  return ((performance.now() - started) * 1000) / calls;
}

function repeat(values: Float32Array, length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => values[i % values.length] as number);
}
