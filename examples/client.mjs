// Asks a running server by plain fetch, with tensors as JSON and as bytes: node examples/client.mjs [http://localhost:8000]
import { readFileSync } from "node:fs";

const server = process.argv[2] ?? "http://localhost:8000";
const { images, digits } = JSON.parse(readFileSync(new URL("./data/digits.json", import.meta.url), "utf8"));

async function post(model, body, headers) {
  const response = await fetch(`${server}/v2/models/${model}/infer`, { method: "POST", body, headers });
  if (!response.ok) throw new Error(`${model}: ${response.status} ${await response.text()}`);
  return response;
}

/** Outputs by name, tensors as JSON numbers both ways. */
async function inferJson(model, inputs) {
  const response = await post(model, JSON.stringify({ inputs }), { "content-type": "application/json" });
  const { outputs } = await response.json();
  return Object.fromEntries(outputs.map(({ name, data }) => [name, data]));
}

/** The first output as Float32Array: a JSON header, then the tensors' bytes, both ways. */
async function inferBinary(model, name, shape, values) {
  const input = { name, datatype: "FP32", shape, parameters: { binary_data_size: values.byteLength } };
  const header = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  const response = await post(model, Buffer.concat([header, Buffer.from(values.buffer)]), {
    "content-type": "application/octet-stream",
    "inference-header-content-length": String(header.length),
  });
  const headerLength = Number(response.headers.get("inference-header-content-length"));
  return new Float32Array((await response.arrayBuffer()).slice(headerLength));
}

const mostProbable = (probabilities) => probabilities.indexOf(Math.max(...probabilities));

const image = { name: "image", datatype: "FP32", shape: [1, 8, 8], data: images[0] };
const { probabilities } = await inferJson("digits_tf", [image]);
console.log(`JSON, digits_tf: the first digit is ${mostProbable(probabilities)}, it should be ${digits[0]}`);

const text = { name: "text", datatype: "BYTES", shape: [1, 1], data: ["  Hello   World "] };
const { normalised, words } = await inferJson("text_tf", [text]);
console.log(`JSON, text_tf: "${normalised[0]}", ${words[0]} words`);

const answers = await Promise.all(
  images.map((pixels) => inferBinary("digits_torch", "INPUT__0", [1, 1, 8, 8], Float32Array.from(pixels))),
);
const right = answers.filter((answer, i) => mostProbable(answer) === digits[i]).length;
console.log(
  `binary, digits_torch: ${((100 * right) / digits.length).toFixed(1)}% of ${digits.length} digits`,
);
