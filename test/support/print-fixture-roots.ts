/** Prints where the fixtures' models are, for the native tests: `{ "tensorflow": DIR, "torch": DIR }`. Makes them first. */
import { dirname } from "node:path";
import { fixture } from "./fixtures.js";

const roots = { tensorflow: dirname(fixture("tf-tiny")), torch: dirname(fixture("torch-tiny")) };
process.stdout.write(JSON.stringify(roots));
