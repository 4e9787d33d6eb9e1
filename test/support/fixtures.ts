import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Datatype } from "../../src/inference/datatype.js";
import type { Shape } from "../../src/inference/shape.js";
import { Tensor } from "../../src/inference/tensor.js";
import { runPython } from "./python.js";

type Framework = "tensorflow" | "torch";

/** One call of a fixture: what goes in, and what its framework gave for it in Python. */
export interface FixtureCase {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const makers = join(root, "test/fixtures");
const cache = join(root, ".cache/fixtures");
const places = new Map<Framework, string>();

/**
 * Directory of a model in Triton's layout, `tf-…` or `torch-…` (the makers in `test/fixtures` say which there are and what each is
 * for). The first call makes all models of its framework, unless the cache has them.
 */
export function fixture(name: string): string {
  return existing(join(made(frameworkOf(name)), "models", name), name);
}

/** The model itself: the SavedModel directory, model.graphdef or model.pt of version 1. */
export function artifact(name: string): string {
  const version = join(fixture(name), "1");
  const file = ["model.savedmodel", "model.graphdef", "model.pt", "model.pt2"].find((each) =>
    existsSync(join(version, each)),
  );
  return join(version, file ?? "");
}

/** The recorded calls of a fixture, in the order in which they were made. */
export function fixtureCases(name: string): FixtureCase[] {
  const directory = existing(join(made(frameworkOf(name)), "cases", name), name);
  const recorded = JSON.parse(readFileSync(join(directory, "cases.json"), "utf8")) as RecordedCase[];
  const tensor = ({ name, datatype, shape, file }: RecordedTensor) =>
    new Tensor(name, datatype, shape, readFileSync(join(directory, file)));
  return recorded.map(({ name, inputs, outputs }) => ({
    name,
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
  }));
}

interface RecordedTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: Shape;
  readonly file: string;
}

interface RecordedCase {
  readonly name: string;
  readonly inputs: readonly RecordedTensor[];
  readonly outputs: readonly RecordedTensor[];
}

function frameworkOf(name: string): Framework {
  return name.startsWith("torch-") ? "torch" : "tensorflow";
}

function existing(path: string, name: string): string {
  if (!existsSync(path)) throw new Error(`there is no fixture '${name}'`);
  return path;
}

/** Folder with all fixtures of a framework, made if its makers have changed. */
function made(framework: Framework): string {
  const known = places.get(framework);
  if (known) return known;
  const place = join(cache, `${framework}-${contentHash(framework)}`);
  if (!existsSync(place)) make(framework, place);
  places.set(framework, place);
  return place;
}

/** Makes into a folder of its own and renames it: a process that does the same at the same time does no harm. */
function make(framework: Framework, place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  const unfinished = mkdtempSync(`${place}.`);
  try {
    runPython(join(makers, "make.py"), [framework, unfinished]);
    renameSync(unfinished, place);
  } catch (thrown) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(place)) throw thrown;
  }
}

function contentHash(framework: Framework): string {
  const hash = createHash("sha256");
  for (const folder of [makers, join(makers, `${framework}_models`)]) {
    for (const file of readdirSync(folder).sort()) {
      if (/\.(py|cc)$/.test(file)) hash.update(file).update(readFileSync(join(folder, file)));
    }
  }
  return hash.digest("hex").slice(0, 12);
}
