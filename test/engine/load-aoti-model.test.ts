import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { load, type Model } from "../../src/index.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { assertTensors } from "../support/compare.js";
import { artifact, fixture, fixtureCases } from "../support/fixtures.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

const configText = (name: string) => readFileSync(join(fixture(name), "config.pbtxt"), "utf8");

async function refusalOf(name: string, config?: string): Promise<ServingError> {
  const error = await load(fixture(name), config === undefined ? {} : { config }).then(
    (model) => model.close(),
    (thrown) => thrown,
  );
  assert.instance(error, ServingError, `${name} was loaded`);
  return error;
}

async function refused(name: string, config: string | undefined, message: RegExp): Promise<void> {
  const { code, message: text } = await refusalOf(name, config);
  assert.match(text, message);
  assert.is(Code[code], "INVALID_ARGUMENT");
}

const floats = (name: string, shape: readonly number[], values?: readonly number[]) => {
  const count = shape.reduce((product, dim) => product * dim, 1);
  return new Tensor(
    name,
    "FP32",
    shape,
    new Uint8Array(Float32Array.from(values ?? Array(count).fill(1)).buffer),
  );
};

const warned = async (directory: string, config: string) => {
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const logger = { error: warn, warn, info: () => {}, debug: () => {} };
  await (await load(directory, { config, logger })).close();
  return warnings;
};

const packages = suite("which packages are loaded");

packages("one for another device, system, processor or version of PyTorch is refused", async () => {
  for (const [name, reason] of [
    ["torch-aoti-for-cuda", /compiled for cuda, an instance of the model is on cpu/],
    ["torch-aoti-for-system", /compiled for darwin, this is linux/],
    ["torch-aoti-for-machine", /compiled for riscv64 processors, this is /],
    ["torch-aoti-for-isa", /compiled for processors with AVX2 SVE, this one has no /],
    ["torch-aoti-for-version", /compiled for PyTorch 2.3.1, PyTorch .* is here/],
    [
      "torch-aoti-undefined",
      /made by another version of PyTorch .* undefined symbol: aoti_torch_empty_stridex/,
    ],
  ] as const) {
    await refused(name, undefined, reason);
  }
});

packages("what is no package, or has no model named 'model', says what it is", async () => {
  await refused("torch-aoti-program", undefined, /torch\.export\.save wrote is compiled by `tandem compile`/);
  await refused("torch-aoti-renamed", undefined, /compiled models of other names: other/);
  const directory = mkdtempSync(join(tmpdir(), "tandem-test-"));
  const path = join(directory, "model.pt2");
  writeFileSync(path, "no archive");
  const error = await load(path, { config: configText("torch-aoti-mlp") }).catch((thrown) => thrown);
  assert.match(error.message, /failed to load model 'model': PytorchStreamReader failed/);
  rmSync(directory, { recursive: true });
});

packages("without its source a package runs as configured, with a warning", async () => {
  const warnings = await warned(fixture("torch-aoti-sourceless"), configText("torch-aoti-mlp"));
  assert.match(warnings.join(), /the package has no source to compare with/);
});

packages("a file with a configuration is enough", async () => {
  await using model = await load(artifact("torch-aoti-mlp"), { config: configText("torch-aoti-mlp") });
  const [first] = fixtureCases("torch-aoti-mlp");
  const answer = await model.infer({ "ARGS[0]": first!.inputs[0]! });
  assertTensors(Object.values(answer), first!.outputs);
});

packages.run();

const configured = suite("a configuration that disagrees with the package");

configured("names: unknown, missing, twice", async () => {
  const text = configText("torch-aoti-nested");
  const renamed = (from: string, to: string) => text.replace(`"${from}"`, `"${to}"`);
  await refused(
    "torch-aoti-nested",
    renamed("ARGS[1][option1]", "ARGS[1]['option1']"),
    /it has no input 'ARGS\[1\]\['option1'\]'; the inputs of the package are ARGS\[0\] \(INPUT__0\), ARGS\[1\]\[option1\] \(INPUT__1\)/,
  );
  await refused(
    "torch-aoti-nested",
    renamed("INPUT__4", "INPUT__0"),
    /'INPUT__0' and 'ARGS\[0\]' are the same tensor/,
  );
  await refused("torch-aoti-nested", renamed("OUTPUT__3", "OUTPUT__4"), /it has no output 'OUTPUT__4'/);
  const missing = text.replace(/\{ name: "INPUT__4"[^}]*\},/, "");
  assert.is.not(missing, text);
  await refused(
    "torch-aoti-nested",
    missing,
    /expects 4 inputs, model provides 5: KWARGS\[mask\] is missing/,
  );
});

configured("data types and dimensions of inputs", async () => {
  const text = configText("torch-aoti-mlp");
  await refused(
    "torch-aoti-mlp",
    text.replace("TYPE_FP32 dims: [32]", "TYPE_FP64 dims: [32]"),
    /model provides TYPE_FP32/,
  );
  for (const dims of ["31", "-1", "32, 1"]) {
    await refused(
      "torch-aoti-mlp",
      text.replace("dims: [32]", `dims: [${dims}]`),
      /model provides \[-1,32\]/,
    );
  }
});

configured("data types and dimensions of outputs", async () => {
  const text = configText("torch-aoti-mlp");
  const output = (line: string) => text.replace(/\{ name: "RESULT"[^}]*\}/, `{ name: "RESULT" ${line} }`);
  await refused(
    "torch-aoti-mlp",
    output("data_type: TYPE_INT32 dims: [10]"),
    /datatype TYPE_INT32 for output 'RESULT'/,
  );
  await refused(
    "torch-aoti-mlp",
    output("data_type: TYPE_FP32 dims: [11]"),
    /has shape \[2,10\], expected \[2,11\]/,
  );
});

configured("batching of a package that takes one batch size", async () => {
  const text = configText("torch-aoti-static")
    .replace("max_batch_size: 0", "max_batch_size: 8")
    .replaceAll("dims: [4, 6]", "dims: [6]");
  await refused(
    "torch-aoti-static",
    text,
    /takes exactly 4 rows of input 'INPUT__0': export it with a dynamic first/,
  );
});

configured("more rows than the package was compiled for are a warning", async () => {
  const text = configText("torch-aoti-mlp").replace("max_batch_size: 32", "max_batch_size: 65");
  const warnings = await warned(fixture("torch-aoti-mlp"), text);
  assert.match(warnings.join(), /max_batch_size is 65, and the package was compiled for at most 64 rows/);
});

configured.run();

const running = suite("running a package");

running(
  "tensors that the package wants to be of one size are compared before its code reads them",
  async () => {
    await using model = await load(fixture("torch-aoti-nested"));
    const [first] = fixtureCases("torch-aoti-nested");
    const inputs = Object.fromEntries(first!.inputs.map((tensor) => [tensor.name, tensor]));
    const error = await model
      .infer({ ...inputs, INPUT__4: floats("INPUT__4", [3, 2]) })
      .catch((thrown) => thrown);
    assert.match(
      error.message,
      /dimension 1 of input '.*' is \d and dimension 1 of input '.*' is \d, the package takes the same/,
    );
    assert.is(Code[error.code], "INVALID_ARGUMENT");
    assertTensors(Object.values(await model.infer(inputs)), first!.outputs);
  },
);

running("instances share a package and answer at the same time", async () => {
  await using model = await load(fixture("torch-aoti-mlp"));
  const cases = fixtureCases("torch-aoti-mlp");
  const answers = Array.from({ length: 200 }, async (_, i) => {
    const { inputs, outputs } = cases[i % cases.length]!;
    assertTensors(Object.values(await model.infer({ "ARGS[0]": inputs[0]! })), outputs);
  });
  await Promise.all(answers);
});

running("parameters of how it runs have the meaning that they have for TorchScript", async () => {
  const parameter = (key: string, value: string) =>
    `${configText("torch-aoti-mlp")}\nparameters { key: "${key}" value { string_value: "${value}" } }`;
  const [first] = fixtureCases("torch-aoti-mlp");
  for (const key of [
    "DISABLE_OPTIMIZED_EXECUTION",
    "INFERENCE_MODE",
    "DISABLE_CUDNN",
    "ENABLE_WEIGHT_SHARING",
    "ENABLE_CACHE_CLEANING",
    "CACHE_CLEANING_ENABLED",
  ]) {
    for (const value of ["true", "off"]) {
      await using model = await load(fixture("torch-aoti-mlp"), { config: parameter(key, value) });
      assertTensors(Object.values(await model.infer({ "ARGS[0]": first!.inputs[0]! })), first!.outputs);
    }
    await refused("torch-aoti-mlp", parameter(key, "maybe"), new RegExp(`parameter '${key}' must be `));
  }
});

running(
  "a package that counts its calls is loaded for each instance, and is not tried with made-up inputs",
  async () => {
    const groups = "instance_group [ { name: 'a' count: 2 kind: KIND_CPU } ]";
    await using model = await load(fixture("torch-aoti-counter"), {
      config: `${configText("torch-aoti-counter")}\n${groups}`,
    });
    const counts: number[] = [];
    for (let call = 0; call < 8; call++) {
      const { OUTPUT__0 } = await model.infer({ INPUT__0: floats("INPUT__0", [1, 4], [0, 0, 0, 0]) });
      counts.push((OUTPUT__0!.data as Float32Array)[0]!);
    }
    assert.is(Math.min(...counts), 1, `calls so far: ${counts}`);
    assert.ok(counts.filter((count) => count === 1).length <= 2, `calls so far: ${counts}`);
  },
);

running("an input that the package writes to is its own copy", async () => {
  await using model = await load(fixture("torch-aoti-counter"));
  const memory = new Float32Array(new ArrayBuffer(64 * 4)).fill(3);
  const input = new Tensor("INPUT__0", "FP32", [8, 4], new Uint8Array(memory.buffer, 0, 128));
  for (let call = 0; call < 5; call++) await model.infer({ INPUT__0: input });
  assert.ok(memory.every((value) => value === 3));
});

running("in a process of its own", async () => {
  const isolated = 'parameters { key: "ISOLATION" value { string_value: "process" } }';
  await using model = await load(fixture("torch-aoti-nested"), {
    config: `${configText("torch-aoti-nested")}\n${isolated}`,
  });
  for (const { inputs, outputs } of fixtureCases("torch-aoti-nested")) {
    const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
    assertTensors(Object.values(answer), outputs);
  }
});

running.run();

const files = suite("what a package leaves behind");

const mapped = () => new Set(readFileSync("/proc/self/maps", "utf8").match(/tandem-aoti-\w+/g) ?? []).size;

async function withTemporaryFolder(act: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-test-"));
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    await act(folder);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(folder, { recursive: true });
  }
}

files("no files once it is loaded, in whichever folder temporary files are", async () => {
  await withTemporaryFolder(async (folder) => {
    await using model = await load(fixture("torch-aoti-mlp"));
    assert.is(model.name, "torch-aoti-mlp");
    assert.equal(readdirSync(folder), []);
    await refusalOf("torch-aoti-undefined");
    assert.equal(readdirSync(folder), []);
  });
});

files("what a process left that was killed while it loaded is removed by the next one", async () => {
  await withTemporaryFolder(async (folder) => {
    for (const name of ["tandem-aoti-killed", "tandem-aoti-unknown", "another"]) {
      mkdirSync(join(folder, name, "package"), { recursive: true });
    }
    writeFileSync(join(folder, "tandem-aoti-killed", "lock"), "");
    await (await load(fixture("torch-aoti-mlp"))).close();
    assert.not.ok(existsSync(join(folder, "tandem-aoti-killed")));
    assert.equal(readdirSync(folder).sort(), ["another", "tandem-aoti-unknown"]);
  });
});

files("in memory it is once for all instances on a device, or as ENABLE_WEIGHT_SHARING says", async () => {
  const mappedBy = async (name: string, more = "") => {
    const groups = "instance_group [ { count: 3 kind: KIND_CPU } ]";
    const config = configText(name).replace(/instance_group.*/, "");
    const before = mapped();
    const model = await load(fixture(name), { config: `${config}\n${groups}\n${more}` });
    const count = mapped() - before;
    await model.close();
    return count;
  };
  const sharing = (value: string) =>
    `parameters { key: "ENABLE_WEIGHT_SHARING" value { string_value: "${value}" } }`;
  assert.is(await mappedBy("torch-aoti-mlp"), 1);
  assert.is(await mappedBy("torch-aoti-mlp", sharing("false")), 3);
  assert.is(await mappedBy("torch-aoti-counter"), 3);
  assert.is(await mappedBy("torch-aoti-counter", sharing("true")), 1);
});

files("its code leaves memory with the model", async () => {
  const loadAndRun = async (): Promise<Model> => {
    const model = await load(fixture("torch-aoti-mlp"));
    await model.infer({ "ARGS[0]": fixtureCases("torch-aoti-mlp")[0]!.inputs[0]! });
    return model;
  };
  await (await loadAndRun()).close(); // libtorch keeps the first one of a process
  const before = mapped();
  for (let cycle = 0; cycle < 3; cycle++) {
    const model = await loadAndRun();
    assert.is(mapped(), before + 1);
    await model.close();
    assert.is(mapped(), before);
  }
});

files.run();

const served = suite("a package on a server");

served("answers over HTTP under the names of its call specification", async () => {
  const repository = new TemporaryRepository({ static: "torch-aoti-static" });
  const server = await TestServer.start(repository.path);
  try {
    const [first] = fixtureCases("torch-aoti-static");
    const inputs = first!.inputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape,
      data: Array.from(data as Float32Array, Number),
    }));
    const response = await fetch(`${server.url}/v2/models/static/infer`, {
      method: "POST",
      body: JSON.stringify({ inputs }),
    });
    const { outputs } = (await response.json()) as { outputs: { name: string; data: number[] }[] };
    assert.equal(
      outputs.map(({ name }) => name),
      ["OUTPUT__1", "OUTPUT__0"],
    );
    const expected = Array.from(first!.outputs[0]!.data as Float64Array);
    for (const [i, value] of expected.entries()) assert.ok(Math.abs(outputs[0]!.data[i]! - value) < 1e-5);
  } finally {
    await server.stop();
    repository.remove();
  }
});

served.run();
