// A model inside the program, no server: node examples/embedded.mjs
import { readFileSync } from "node:fs";
import { load } from "tandem-inference";

const { images, digits } = JSON.parse(readFileSync("examples/data/digits.json", "utf8"));
const model = await load("examples/models/digits_tf");
const { probabilities } = await model.infer({ image: Float32Array.from(images[0]) });
const digit = probabilities.data.indexOf(Math.max(...probabilities.data));
console.log(`it is a ${digit} (${Math.max(...probabilities.data).toFixed(3)}), and should be a ${digits[0]}`);
await model.close();
