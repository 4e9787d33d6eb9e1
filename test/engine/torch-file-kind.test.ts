import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkTorchScriptFile, otherThanTorchScript } from "../../src/engine/torch-file-kind.js";
import { load } from "../../src/index.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejection } from "../model/make-model.js";
import { artifact, fixture } from "../support/fixtures.js";
import { ModelFiles } from "../support/model-files.js";

const test = suite("files that are not TorchScript");

const other = (name: string) => join(fixture("torch-other-files"), "1", name);

const python = 'backend: "python", platform: "pytorch"';

for (const [name, what, remedy] of [
  ["module.pt", "a pickled torch.nn.modules.container.Sequential saved by torch.save", "torch.jit.script"],
  ["legacy_module.pt", "a pickled torch.nn.modules.container.Sequential saved by torch.save", python],
  ["plain_pickle.pt", "a pickled torch.nn.modules.container.Sequential saved", "torch.jit.script"],
  ["state_dict.pt", "a state_dict saved by torch.save", "model.py.pt"],
  ["legacy_state_dict.pt", "a state_dict saved by torch.save", python],
  ["checkpoint.pt", "a pickled dict saved by torch.save", python],
  ["legacy_checkpoint.pt", "a pickled dict saved by torch.save", python],
  ["tensor.pt", "a tensor saved by torch.save", "torch.jit.save"],
  ["legacy_tensor.pt", "a tensor saved by torch.save", "torch.jit.save"],
  ["exported.pt2", "a program saved by torch.export.save", "`tandem compile`"],
  ["aot_inductor.pt2", "an AOTInductor package", 'platform: "torch_aoti"'],
  ["other_archive.pt", 'a zip archive of other things ("MAR-INF/MANIFEST.json")', "torch.jit.save"],
  ["tar.pt", "a tar archive", "torch.jit.script"],
  ["onnx.pt", "an ONNX model", "torch.jit.script"],
] as const) {
  test(`${name} is ${what}`, async () => {
    const found = await otherThanTorchScript(other(name));
    assert.ok(found?.what.startsWith(what), found?.what);
    assert.ok(found?.remedy.includes(remedy), found?.remedy);
  });
}

test("TorchScript, scripted and traced, is left to libtorch", async () => {
  for (const name of ["torch-add", "torch-traced", "torch-conv"]) {
    assert.is(await otherThanTorchScript(artifact(name)), undefined);
  }
});

test("files of no framework", async () => {
  const files = new ModelFiles({
    empty: "",
    text: "hello",
    pointer: "version https://git-lfs.github.com/spec/v1\n",
    "weights.safetensors": Buffer.from('\x02\0\0\0\0\0\0\0{"a":1}', "latin1"),
    "keras.h5": Buffer.from("\x89HDF\r\n", "latin1"),
    mobile: Buffer.from("\x1c\0\0\0PTMF", "latin1"),
    random: Buffer.from([0x80, 0x02, 0xff, 0xfe]),
    "folder/": "",
  });
  const what = async (name: string) => (await otherThanTorchScript(files.at(name)))?.what;
  assert.is(await what("empty"), "an empty file");
  assert.is(await what("text"), "no file of PyTorch's");
  assert.is(await what("pointer"), "a pointer of Git LFS");
  assert.is(await what("weights.safetensors"), "a safetensors file (weights without code)");
  assert.is(await what("keras.h5"), "an HDF5 file, such as Keras writes");
  assert.is(await what("mobile"), undefined);
  assert.is(await what("random"), "a pickle");
  assert.is(await what("folder"), "a directory");
  files.remove();
});

test("an archive that is cut off says so, not what it would have been", async () => {
  const found = await otherThanTorchScript(artifact("torch-truncated"));
  assert.is(found?.what, "an archive that is cut off (the directory at its end is missing)");
});

test("the error names the file, says what it is and what to do", async () => {
  const error = await rejection(checkTorchScriptFile(other("state_dict.pt")));
  assert.is(error.code, Code.INVALID_ARGUMENT);
  assert.is(
    error.message,
    `'${other("state_dict.pt")}' is a state_dict saved by torch.save (weights without code), not TorchScript: ` +
      "load it into its module and save it in Python with torch.jit.script(module).save('model.pt') or " +
      "torch.jit.trace(module, sample).save('model.pt'); or serve its code as model.py, with the weights beside it as " +
      'model.py.pt, by backend: "python", platform: "pytorch"',
  );
});

test("a model that is none does not load, and libtorch is not asked", async () => {
  const tensor = (name: string) => [{ name, data_type: "TYPE_FP32", dims: [4] }];
  const config = { input: tensor("INPUT__0"), output: tensor("OUTPUT__0") };
  const error = await rejection(load(other("module.pt"), { config }));
  assert.is(error.code, Code.INVALID_ARGUMENT);
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] };
  assert.not.ok(sharedObjects.some((path) => /libtorch|tandem_torch/.test(path)));
  assert.match(
    error.message,
    /^failed to load model 'module': '.*module\.pt' is a pickled torch\.nn\.modules\.container/,
  );
});

test.run();
