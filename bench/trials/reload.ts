// Asks a repository for answers at a steady rate, by turns while nothing else happens and while new versions of the same
// model load one after another. Argument and answer are JSON.
import { renameSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { elementByteSize } from "../../src/inference/datatype.js";
import type { TensorMetadata } from "../../src/model/served-model.js";
import { Histogram } from "../load/histogram.js";
import { product } from "../measure/product.js";

export interface ReloadTrial {
  /** The model's, alone in its repository. */
  readonly directory: string;
  /** Requests per second, sent whether earlier ones are answered or not. */
  readonly rate: number;
  readonly rounds: number;
  /** Of each of a round's two parts. */
  readonly seconds: number;
}

export interface ReloadPart {
  readonly requests: number;
  readonly failed: number;
  /** From when a request was due to its answer. */
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** What each load took, with the swap and the closing of the old version. */
  readonly loadMillis: readonly number[];
}

export interface ReloadRound {
  readonly idle: ReloadPart;
  readonly loading: ReloadPart;
}

const trial = JSON.parse(process.argv[2] ?? "") as ReloadTrial;
const { directory } = trial;
const name = basename(directory);
const repository = new product.Repository(dirname(directory));
const failures = await repository.load();
if (failures.length > 0) throw new Error(failures[0]?.reason);
const inputs = repository.model(name).metadata.inputs.map(zeros);

await part(1, false);
const results: ReloadRound[] = [];
for (let round = 0; round < trial.rounds; round++) {
  // A new version's first inferences take longer; they are not what idle means.
  for (let call = 0; call < 3; call++) await repository.model(name).infer({ id: "", inputs });
  const idle = await part(trial.seconds, false);
  results.push({ idle, loading: await part(trial.seconds, true) });
}
await repository.close();
process.stdout.write(`${JSON.stringify({ rounds: results })}\n`);

/** One row of it. */
function zeros({ name, datatype, shape }: TensorMetadata): InstanceType<typeof product.Tensor> {
  const sizes = shape.map((dim) => Math.max(dim, 1));
  const byteSize = sizes.reduce((product, dim) => product * dim, elementByteSize(datatype));
  return new product.Tensor(name, datatype, sizes, new Uint8Array(byteSize));
}

async function part(seconds: number, isLoading: boolean): Promise<ReloadPart> {
  const latencies = new Histogram();
  const loadMillis: number[] = [];
  const count = Math.ceil(trial.rate * seconds);
  let failed = 0;
  let isOver = false;
  const loads = isLoading ? loadAgainAndAgain() : undefined;
  const started = performance.now();
  const answers: Promise<void>[] = [];
  for (let sent = 0; sent < count; sent++) {
    const due = started + (1000 * sent) / trial.rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    answers.push(
      repository
        .model(name)
        .infer({ id: "", inputs })
        .then(
          () => latencies.add((performance.now() - due) * 1000),
          () => {
            failed++;
          },
        ),
    );
  }
  await Promise.all(answers);
  isOver = true;
  await loads;
  const [p50Micros, p99Micros] = [latencies.quantile(0.5), latencies.quantile(0.99)];
  return { requests: count, failed, p50Micros, p99Micros, loadMillis };

  /** Each version directory is the last one under the next number. */
  async function loadAgainAndAgain(): Promise<void> {
    while (!isOver) {
      const { version } = repository.model(name);
      renameSync(join(directory, String(version)), join(directory, String(version + 1)));
      const begun = performance.now();
      await repository.loadModel(name);
      loadMillis.push(performance.now() - begun);
    }
  }
}
