// Encodes and decodes KServe v2 messages in a process of its own, against JSON.parse and JSON.stringify alone.
import Benchmark from "benchmark";
import { Tensor } from "../../src/inference/tensor.js";
import { randomFloats } from "../../test/support/random.js";
import { built } from "../measure/product.js";

export interface CodecTimes {
  /** Microseconds per call, by what is called. */
  readonly micros: Readonly<Record<string, number>>;
}

const { decodeInfer } = (await built(
  "protocol/kserve/decode-infer.js",
)) as typeof import("../../src/protocol/kserve/decode-infer.js");
const { encodeInfer } = (await built(
  "protocol/kserve/encode-infer.js",
)) as typeof import("../../src/protocol/kserve/encode-infer.js");

/** Decoding looks at it only for raw requests, which have no header; encoding, only for classes. */
const model = { name: "m", config: { input: [], maxBatchSize: 8 }, labels: () => undefined };
const suite = new Benchmark.Suite();
for (const count of JSON.parse(process.argv[2] ?? "[]") as number[]) addCases(count);
suite.run();

const micros: Record<string, number> = {};
suite.forEach((bench: Benchmark) => {
  if (bench.error) throw bench.error;
  micros[bench.name as string] = 1e6 / bench.hz;
});
process.stdout.write(`${JSON.stringify({ micros } satisfies CodecTimes)}\n`);

function addCases(count: number): void {
  const values = randomFloats(count, 1);
  const bytes = Buffer.from(values.buffer);
  const input = { name: "x", datatype: "FP32", shape: [1, count] };
  const binaryHeader = Buffer.from(
    JSON.stringify({
      inputs: [{ ...input, parameters: { binary_data_size: bytes.length } }],
      parameters: { binary_data_output: true },
    }),
  );
  const binaryBody = Buffer.concat([binaryHeader, bytes]);
  const jsonBody = Buffer.from(JSON.stringify({ inputs: [{ ...input, data: [...values] }] }));
  const parsed = JSON.parse(jsonBody.toString()) as object;
  const response = {
    modelName: "m",
    modelVersion: 1,
    id: "",
    outputs: [new Tensor("y", "FP32", [1, count], bytes)],
  };
  const forms = (isBinary: boolean) => ({ listed: undefined, unlisted: { isBinary, classes: 0 } });
  const limit = 64 << 20;
  const options = { maxTime: 0.25, minSamples: 5 };
  suite.add(
    `decode binary ${count}`,
    () => decodeInfer(binaryBody, binaryHeader.length, model, limit),
    options,
  );
  suite.add(`encode binary ${count}`, () => encodeInfer(response, forms(true), model), options);
  suite.add(`decode JSON ${count}`, () => decodeInfer(jsonBody, undefined, model, limit), options);
  suite.add(`encode JSON ${count}`, () => encodeInfer(response, forms(false), model), options);
  suite.add(`JSON.parse ${count}`, () => JSON.parse(jsonBody.toString()), options);
  suite.add(`JSON.stringify ${count}`, () => Buffer.from(JSON.stringify(parsed)), options);
}
