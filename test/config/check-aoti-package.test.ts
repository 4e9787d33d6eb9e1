import { suite } from "uvu";
import type { PackageInput } from "../../src/config/aoti-source.js";
import {
  type ConfiguredInput,
  checkAotiConfig,
  checkPackageInput,
  checkPackageOutput,
} from "../../src/config/check-aoti-package.js";
import { Code } from "../../src/inference/serving-error.js";
import { configOf } from "./example-config.js";
import { rejects } from "./rejects.js";

const configuration = suite("the configuration of a package by itself");

const tensor = (more = "") => `{ name: "T" data_type: TYPE_FP32 dims: 1 ${more} }`;

configuration("strings are not taken, and inputs cannot be left out", () => {
  checkAotiConfig(configOf(`input ${tensor()} output ${tensor()}`));
  rejects(
    () => checkAotiConfig(configOf(`input { name: "T" data_type: TYPE_STRING dims: 1 } output ${tensor()}`)),
    Code.INVALID_ARGUMENT,
    "unsupported datatype TYPE_STRING for input 'T' for model 'm'",
  );
  rejects(
    () => checkAotiConfig(configOf(`input ${tensor("optional: true")} output ${tensor()}`)),
    Code.INVALID_ARGUMENT,
    "input 'T' of model 'm' is optional, and a package takes all its inputs in each run",
  );
});

configuration.run();

const inputs = suite("a configured input against the package");

const single = configOf("");
const batched = configOf("max_batch_size: 8");
const wanted: PackageInput = {
  dataType: "TYPE_FP32",
  dims: ["s0", 4],
  isContiguous: true,
  maxRows: undefined,
};
const x: ConfiguredInput = { name: "x", dataType: "TYPE_FP32", shape: [-1, 4], ragged: false };
const check = (input: Partial<ConfiguredInput>, package_: Partial<PackageInput> = {}, config = batched) =>
  checkPackageInput(config, { ...x, ...input }, { ...wanted, ...package_ });
const refused = (act: () => void, reason: string) =>
  rejects(act, Code.INVALID_ARGUMENT, `unable to load model 'm', ${reason}`);

inputs("variable dimensions of the package take any size", () => {
  check({});
  check({ shape: [-1, 4] }, { dims: ["s0", "s1"] });
  check({ shape: [7, 4] }, {}, single);
  check({ shape: undefined });
  check({ shape: [-1, 9] }, { dims: undefined });
  check({ shape: [3], ragged: true }, { dims: ["s0"] });
});

inputs("another data type, one that no configuration has", () => {
  refused(
    () => check({ dataType: "TYPE_INT64" }),
    "configuration expects datatype TYPE_INT64 for input 'x', model provides TYPE_FP32",
  );
  refused(
    () => check({}, { dataType: undefined }),
    "configuration expects datatype TYPE_FP32 for input 'x', model provides another",
  );
});

inputs("another size, a variable one where the package has one only, another rank", () => {
  for (const shape of [
    [-1, 5],
    [-1, -1],
  ]) {
    refused(() => check({ shape }), `input 'x' has dims [${shape}] with the batch, model provides [-1,4]`);
  }
  refused(() => check({ shape: [-1] }), "input 'x' has 1 dimensions with the batch, model provides [-1,4]");
});

inputs("a package of one batch size cannot be batched, and the error says how to export it", () => {
  rejects(
    () => check({}, { dims: [3, 4] }),
    Code.INVALID_ARGUMENT,
    /configuration has max_batch_size 8, and the package takes exactly 3 rows of input 'x': export it with a dynamic first/,
  );
});

inputs("elements in another order than requests bring", () => {
  rejects(() => check({}, { isContiguous: false }), Code.INVALID_ARGUMENT, /another order than row by row/);
});

inputs.run();

const outputs = suite("a configured output against what a run gave");

const y = { name: "y", dataType: "TYPE_FP32", shape: [2, -1] } as const;

outputs("data type, rank and sizes are compared", () => {
  checkPackageOutput(batched, y, { dataType: "TYPE_FP32", shape: [2, 9] });
  checkPackageOutput(batched, { ...y, shape: undefined }, { dataType: "TYPE_FP32", shape: [5] });
  refused(
    () => checkPackageOutput(batched, y, { dataType: "TYPE_INT64", shape: [2, 9] }),
    "configuration expects datatype TYPE_FP32 for output 'y', model provides TYPE_INT64",
  );
  for (const shape of [[3, 9], [2], [2, 1, 1]]) {
    refused(
      () => checkPackageOutput(batched, y, { dataType: "TYPE_FP32", shape }),
      `output 'y' has shape [${shape}], expected [2,-1] by the configuration`,
    );
  }
});

outputs("a scalar cannot be served", () => {
  refused(
    () => checkPackageOutput(single, y, { dataType: "TYPE_FP32", shape: [] }),
    "output 'y' is a scalar which is not supported.",
  );
});

outputs.run();
