import { type FileHandle, open } from "node:fs/promises";
import { invalidArgument } from "../inference/serving-error.js";
import { type PickleHead, pickleHead } from "./pickle-head.js";
import { readZipDirectory, readZipEntry, type ZipEntry } from "./zip-directory.js";

/** A file under a TorchScript module's name that is something else. */
export interface OtherFile {
  /** "a state_dict saved by torch.save" */
  readonly what: string;
  /** What to do, as an imperative. */
  readonly remedy: string;
}

/**
 * Refuses a file that is no TorchScript before libtorch is asked, whose messages do not tell these apart. Only names
 * in archives and the first bytes of pickles are read; no pickle is ever unpickled.
 *
 * @throws {ServingError} INVALID_ARGUMENT that says what the file is and what to do
 */
export async function checkTorchScriptFile(path: string): Promise<void> {
  const other = await otherThanTorchScript(path);
  if (other) throw invalidArgument(`'${path}' is ${other.what}, not TorchScript: ${other.remedy}`);
}

/** What a file is if it is not TorchScript; undefined if it may be, for libtorch to tell. */
export async function otherThanTorchScript(path: string): Promise<OtherFile | undefined> {
  const file = await open(path);
  try {
    if ((await file.stat()).isDirectory()) return { what: "a directory", remedy: saveAgain };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headSize), 0, headSize, 0);
    if (bytesRead === 0) return { what: "an empty file", remedy: saveAgain };
    const head = buffer.subarray(0, bytesRead);
    if (!startsWith(head, "PK")) return byFirstBytes(head);
    const entries = await readZipDirectory(file);
    return entries === undefined ? cutOff : await byEntries(file, entries);
  } finally {
    await file.close();
  }
}

const headSize = 4096;

const script =
  "save it in Python with torch.jit.script(module).save('model.pt') or torch.jit.trace(module, sample).save('model.pt')";
const python =
  'serve its code as model.py, with the weights beside it as model.py.pt, by backend: "python", platform: "pytorch"';
const saveAgain = `give the file that torch.jit.save wrote; of a module, ${script}`;

const cutOff: OtherFile = {
  what: "an archive that is cut off (the directory at its end is missing)",
  remedy: "save or copy it again",
};

const aotInductor: OtherFile = {
  what: "an AOTInductor package",
  remedy: 'name it model.pt2 and set platform: "torch_aoti"',
};

const exported: OtherFile = {
  what: "a program saved by torch.export.save",
  remedy: 'make an AOTInductor package of it with `tandem compile`, for platform: "torch_aoti"',
};

async function byEntries(file: FileHandle, entries: readonly ZipEntry[]): Promise<OtherFile | undefined> {
  const has = (pattern: RegExp) => entries.some(({ name }) => pattern.test(name));
  if (has(/^[^/]+\/(code\/|constants\.pkl$|bytecode\.pkl$|model\.json$)/)) return undefined;
  if (has(/(^|\/)data\/aotinductor\//)) return aotInductor;
  if (has(/(^|\/)archive_format$|(^|\/)serialized_exported_program\.json$/)) return exported;
  const pickle = entries.find(({ name, method }) => /^[^/]+\/data\.pkl$/.test(name) && method === 0);
  if (pickle !== undefined) return byPickle(pickleHead(await readZipEntry(file, pickle, headSize)));
  const names = entries.slice(0, 3).map(({ name }) => JSON.stringify(name.slice(0, 100)));
  return { what: `a zip archive of other things (${names.join(", ") || "nothing"})`, remedy: saveAgain };
}

/** The magic number of torch.save before it wrote archives, a pickle; two more follow before the one that matters. */
const legacyMagic = "\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.";

function byFirstBytes(head: Buffer): OtherFile | undefined {
  if (startsWith(head, legacyMagic)) return byPickle(pickleHead(head.subarray(legacyPickle(head))));
  if (startsWith(head, "\x80")) return byPickle(pickleHead(head));
  const known = signatures.find(({ at, bytes }) => startsWith(head.subarray(at), bytes));
  if (known) return known.file;
  // A flatbuffer of a module for mobile devices, which some builds of libtorch read.
  if (startsWith(head.subarray(4), "PTMF")) return undefined;
  if (isOnnx(head)) return { what: "an ONNX model", remedy: `of the module it was made of, ${script}` };
  return { what: "no file of PyTorch's", remedy: saveAgain };
}

/** Where the fourth pickle begins: each ends with `.`, and the next begins with its protocol. */
function legacyPickle(head: Buffer): number {
  const next = Buffer.from(".\x80", "latin1");
  let at = 0;
  for (let i = 0; i < 3 && at >= 0; i++) at = head.indexOf(next, at + 1);
  return at < 0 ? head.length : at + 1;
}

function byPickle(head: PickleHead | undefined): OtherFile {
  const saved = "saved by torch.save";
  if (head === "dict" || head === "list") {
    return {
      what: `a pickled ${head} ${saved} (a checkpoint, weights without code)`,
      remedy: `load it into its module and ${script}; or ${python}`,
    };
  }
  if (head === undefined) return { what: "a pickle", remedy: saveAgain };
  const { className } = head;
  if (className === "collections.OrderedDict") {
    return {
      what: `a state_dict ${saved} (weights without code)`,
      remedy: `load it into its module and ${script}; or ${python}`,
    };
  }
  if (/^torch\._(utils|tensor)\._rebuild/.test(className)) {
    return { what: `a tensor ${saved}`, remedy: saveAgain };
  }
  return {
    what: `a pickled ${className} ${saved} (its code is not in the file)`,
    remedy: `${script}; or ${python}`,
  };
}

const signatures: readonly { readonly at: number; readonly bytes: string; readonly file: OtherFile }[] = [
  {
    at: 257,
    bytes: "ustar",
    file: {
      what: "a tar archive (torch.save wrote such before PyTorch 0.2)",
      remedy: `load it in Python and ${script}`,
    },
  },
  { at: 0, bytes: "\x89HDF", file: { what: "an HDF5 file, such as Keras writes", remedy: saveAgain } },
  {
    at: 8,
    bytes: '{"',
    file: {
      what: "a safetensors file (weights without code)",
      remedy: `load it into its module and ${script}; or ${python}`,
    },
  },
  {
    at: 0,
    bytes: "version https://git-lfs",
    file: { what: "a pointer of Git LFS", remedy: "fetch the file itself with `git lfs pull`" },
  },
];

/** Protobuf: ir_version (field 1, since 2017 at least 3), then one of the fields behind it. */
function isOnnx(head: Buffer): boolean {
  const [tag, version = 0, next = 0] = head;
  return tag === 0x08 && version >= 3 && version < 0x40 && [0x12, 0x1a, 0x22, 0x3a, 0x42].includes(next);
}

function startsWith(bytes: Buffer, text: string): boolean {
  return bytes.toString("latin1", 0, text.length) === text;
}
