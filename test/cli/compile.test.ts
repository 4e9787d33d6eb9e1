import {
  cpSync,
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
import { load } from "../../src/index.js";
import { Tensor } from "../../src/inference/tensor.js";
import { artifact, fixture } from "../support/fixtures.js";
import { runPython } from "../support/python.js";
import { runTandem } from "./run-tandem.js";

const test = suite("tandem compile");

/** A model directory of these files, gone after `act`. */
async function withModel(
  files: Readonly<Record<string, string>>,
  act: (directory: string) => Promise<void> | void,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "tandem-test-"));
  const directory = join(root, "affine");
  mkdirSync(join(directory, "1"), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  try {
    await act(directory);
  } finally {
    rmSync(root, { recursive: true });
  }
}

const compile = (...args: readonly string[]) => runTandem(["compile", ...args], process.env);

const config = `
backend: "python"
platform: "pytorch"
max_batch_size: 8
input [
  { name: "x" data_type: TYPE_FP32 dims: [-1, 2] },
  { name: "shift" data_type: TYPE_INT64 dims: [1, 1] }
]
output [
  { name: "sum" data_type: TYPE_FP32 dims: [-1, 2] },
  { name: "best" data_type: TYPE_INT64 dims: [-1] }
]
`;

/** Scales by weights that only the file beside it has, and adds how often it was called. */
const module = `
import torch

print("a message of the model's own")

class Affine(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.zeros(2))
        self.register_buffer("calls", torch.zeros(1), persistent=False)

    def forward(self, x, shift):
        self.calls.add_(1)
        h = x * self.scale
        return h + shift + self.calls, h.argmax(-1)
`;

const branching = module.replace(
  "return h + shift + self.calls, h.argmax(-1)",
  "return h if h.sum() > 0 else -h",
);

test("a module with its weights becomes a package, and what the configuration has to say is said", async () => {
  await withModel({ "config.pbtxt": config, "1/model.py": module }, async (directory) => {
    const weights = join(directory, "1", "model.py.pt");
    const script = join(directory, "save.py");
    writeFileSync(script, `import torch\ntorch.save({"scale": torch.tensor([2.0, -3.0])}, "${weights}")\n`);
    runPython(script, []);
    const { code, stdout, stderr } = compile(directory);
    assert.is(code, 0, stderr);
    assert.match(
      stdout,
      "takes ARGS[0], ARGS[1]\ngives RESULT[0]  FP32  [3,8,2]\ngives RESULT[1]  INT64  [3,8]\n",
    );
    assert.match(
      stdout,
      '  platform: "torch_aoti"\n  backend: "pytorch"\n  input { name: "ARGS[0]" … } in place of "x"\n',
    );
    assert.match(stderr, "affine: exporting ...\naffine: compiling ...\naffine: checking ...\n");
    assert.equal(readdirSync(join(directory, "1")).sort(), ["model.pt2", "model.py", "model.py.pt"]);

    const served = config
      .replace('backend: "python"', 'backend: "pytorch"')
      .replace('platform: "pytorch"', 'platform: "torch_aoti"')
      .replace('"x"', '"ARGS[0]"')
      .replace('"shift"', '"INPUT__1"')
      .replace('"sum"', '"RESULT[0]"')
      .replace('"best"', '"OUTPUT__1"');
    await using model = await load(directory, { config: served });
    for (const [rows, length, calls] of [
      [1, 1, 1],
      [2, 5, 2],
    ] as const) {
      const x = new Float32Array(rows * length * 2).map((_, i) => i + 1);
      const answer = await model.infer({
        "ARGS[0]": new Tensor("ARGS[0]", "FP32", [rows, length, 2], new Uint8Array(x.buffer)),
        INPUT__1: new Tensor(
          "INPUT__1",
          "INT64",
          [rows, 1, 1],
          new Uint8Array(new BigInt64Array(rows).fill(7n).buffer),
        ),
      });
      const expected = x.map((value, i) => value * (i % 2 === 0 ? 2 : -3) + 7 + calls);
      assert.equal(answer["RESULT[0]"]?.data, expected);
      assert.equal(answer.OUTPUT__1?.data, new BigInt64Array(rows * length));
    }
  });
});

test("what the exporter cannot follow is told with the line of the model, and nothing is left", async () => {
  const files = { "config.pbtxt": config.replace(/,\s*\{ name: "best".*\}/, ""), "1/model.py": branching };
  await withModel(files, (directory) => {
    const { code, stderr } = compile(directory);
    assert.is(code, 1);
    assert.match(
      stderr,
      /model 'affine' cannot be exported: \w+: Could not guard on data-dependent expression/,
    );
    assert.match(stderr, /model\.py", line 15, in forward\n\s+return h if h\.sum\(\) > 0 else -h/);
    assert.not.match(stderr, /TORCH_LOGS|docs\.google\.com/);
    assert.equal(readdirSync(join(directory, "1")), ["model.py"]);
  });
});

test("a module that takes one batch size only is told so by the exporter", async () => {
  const fixed = module.replace("h = x * self.scale", "h = x.view(3, 8, 2) * self.scale");
  await withModel({ "config.pbtxt": config, "1/model.py": fixed }, (directory) => {
    const { code, stderr } = compile(directory);
    assert.is(code, 1);
    assert.match(
      stderr,
      /cannot be exported: .*You marked L\['x'\]\.size\(\)\[0\] as dynamic but your code specialized it/s,
    );
  });
});

test("inputs that forward does not take, a class that is not there", async () => {
  const one = module.replace("def forward(self, x, shift)", "def forward(self, x)").replace("h + shift", "h");
  await withModel({ "config.pbtxt": config, "1/model.py": one }, (directory) => {
    assert.match(
      compile(directory).stderr,
      /the configuration's inputs are not the arguments of forward\(x\): too many/,
    );
  });
  await withModel({ "config.pbtxt": config, "1/model.py": "x = 1\n" }, (directory) => {
    assert.match(compile(directory).stderr, /Cannot find a subclass of torch\.nn\.Module/);
  });
});

test("an exported program becomes a package; the program is replaced only if that is said", () => {
  const root = mkdtempSync(join(tmpdir(), "tandem-test-"));
  const directory = join(root, "program");
  cpSync(fixture("torch-aoti-program"), directory, { recursive: true });
  const refused = compile(directory);
  assert.is(refused.code, 1);
  assert.match(
    refused.stderr,
    /model\.pt2' is the program to compile itself: --overwrite replaces it, --output FILE writes/,
  );
  const output = join(root, "elsewhere.pt2");
  const { code, stdout, stderr } = compile(directory, "--version=1", `--output=${output}`);
  assert.is(code, 0, stderr);
  assert.match(stdout, "takes ARGS[0]\ngives RESULT  FP32  [3,10]\n");
  assert.ok(existsSync(output));
  const again = compile(directory, `--input=${output}`, "--overwrite");
  assert.is(again.code, 1);
  assert.match(again.stderr, /elsewhere\.pt2' is compiled already: it is an AOTInductor package/);
  const program = readFileSync(artifact("torch-aoti-program"));
  assert.ok(readFileSync(join(directory, "1", "model.pt2")).equals(program));
  rmSync(root, { recursive: true });
});

test("what is missing is said before anything is started", async () => {
  const told = (directory: string, ...args: readonly string[]) => {
    const { code, stderr } = compile(directory, ...args);
    assert.is(code, 1);
    return stderr;
  };
  await withModel({ "1/model.py": module }, (directory) => {
    assert.match(told(directory), /has no config\.pbtxt: compiling needs the names, data types and dims/);
  });
  await withModel({ "config.pbtxt": config }, (directory) => {
    assert.match(told(directory), /nothing to compile in '.*affine\/1': expected model\.py/);
    assert.match(told(directory, "--version=2"), /model 'affine' has no version 2: in '.*affine' are 1/);
    assert.match(told(directory, "--input=/no/such.py"), /there is no '\/no\/such\.py' to compile/);
  });
  await withModel({ "config.pbtxt": config, "1/model.py": module }, (directory) => {
    assert.match(told(directory, "--output=model.so"), /--output must end in \.pt2/);
    writeFileSync(join(directory, "1", "model.pt2"), "");
    assert.match(told(directory), /model\.pt2' is there already: --overwrite replaces it/);
  });
  await withModel({ "config.pbtxt": "max_batch_size: 8", "1/model.py": module }, (directory) => {
    assert.match(told(directory), /model configuration must contain at least one input/);
  });
});

test.run();
