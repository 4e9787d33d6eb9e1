import { execFileSync } from "node:child_process";
import { open } from "node:fs/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readZipDirectory, readZipEntry } from "../../src/engine/zip-directory.js";
import { ModelFiles } from "../support/model-files.js";
import { python } from "../support/python.js";

const test = suite<{ files: ModelFiles }>("zip directories");
test.before.each((context) => {
  context.files = new ModelFiles();
});
test.after.each(({ files }) => files.remove());

/** Writes an archive with Python's zipfile and reads its directory, and the first bytes of its entries. */
async function read(files: ModelFiles, script: string, limit = 100) {
  const path = files.at("a.zip");
  execFileSync(python(), ["-c", `import zipfile, sys\npath = sys.argv[1]\n${script}`, path]);
  return readFile(path, limit);
}

async function readFile(path: string, limit = 100) {
  const file = await open(path);
  const entries = await readZipDirectory(file);
  const contents = await Promise.all((entries ?? []).map((entry) => readZipEntry(file, entry, limit)));
  await file.close();
  return entries?.map(({ name, method }, i) => [name, method, contents[i]?.toString()]);
}

test("names, and the first bytes of what is stored", async ({ files }) => {
  const script =
    'with zipfile.ZipFile(path, "w") as a:\n a.writestr("m/one", "first")\n a.writestr("m/é", "")';
  assert.equal(await read(files, script, 3), [
    ["m/one", 0, "fir"],
    ["m/é", 0, ""],
  ]);
});

test("a comment at the end, and compressed entries", async ({ files }) => {
  const script = [
    'with zipfile.ZipFile(path, "w") as a:',
    ' a.comment = b"PK and more"',
    ' a.writestr("c", "x" * 1000, zipfile.ZIP_DEFLATED)',
  ].join("\n");
  const [entry] = (await read(files, script)) ?? [];
  assert.equal(entry?.slice(0, 2), ["c", 8]);
});

test("archives of more than 65535 entries have a 64-bit directory", async ({ files }) => {
  const script = 'with zipfile.ZipFile(path, "w") as a:\n for i in range(65540): a.writestr(str(i), "")';
  const path = files.at("a.zip");
  execFileSync(python(), ["-c", `import zipfile, sys\npath = sys.argv[1]\n${script}`, path]);
  const file = await open(path);
  const entries = await readZipDirectory(file);
  await file.close();
  assert.is(entries?.length, 65540);
  assert.is(entries?.at(-1)?.name, "65539");
});

test("sizes and places beyond 4 GiB stand in the extra field", async ({ files }) => {
  // A hole of 5 GiB, which takes no space on disk, before the entry.
  const script = [
    'with open(path, "wb") as f:',
    " f.truncate(5 << 30)",
    " f.seek(0, 2)",
    ' with zipfile.ZipFile(f, "w") as a: a.writestr("far", "away")',
  ].join("\n");
  assert.equal(await read(files, script), [["far", 0, "away"]]);
});

test("no archive, or one that is cut off, has none", async ({ files }) => {
  files.add("text", "nothing of the kind");
  assert.is(await readFile(files.at("text")), undefined);
  files.add("empty", "");
  assert.is(await readFile(files.at("empty")), undefined);
  const end = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18, 0xff)]);
  files.add("beyond", end);
  assert.is(await readFile(files.at("beyond")), undefined);
  const locator = Buffer.concat([Buffer.from("PK\x06\x07"), Buffer.alloc(16, 0xff)]);
  files.add("far beyond", Buffer.concat([locator, end]));
  assert.is(await readFile(files.at("far beyond")), undefined);
});

test.run();
