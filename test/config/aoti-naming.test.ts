import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bindLeaves, readCallSpec } from "../../src/config/aoti-naming.js";
import { Code } from "../../src/inference/serving-error.js";
import { rejects } from "./rejects.js";

/** A pytree as PyTorch writes it: arrays are tuples, objects are dicts, null is a leaf. */
type Tree = null | Tree[] | { [key: string]: Tree };

function node(tree: Tree): object {
  if (tree === null) return { type: null, context: null, children_spec: [] };
  if (Array.isArray(tree)) return { type: "builtins.tuple", context: "null", children_spec: tree.map(node) };
  const context = JSON.stringify(Object.keys(tree));
  return { type: "builtins.dict", context, children_spec: Object.values(tree).map(node) };
}

const spec = (tree: Tree) => JSON.stringify([1, node(tree)]);

const naming = suite("names of a package's tensors");

naming("arguments by position and keyword, nested ones by index and key without quotes", () => {
  const { inputs } = readCallSpec(
    spec([[null, null, { option1: null, more: [null, null] }], { mask: null }]),
    spec(null),
  );
  assert.equal(inputs, [
    "ARGS[0]",
    "ARGS[1]",
    "ARGS[2][option1]",
    "ARGS[2][more][0]",
    "ARGS[2][more][1]",
    "KWARGS[mask]",
  ]);
});

naming("one tensor returned is RESULT, others have a place in it", () => {
  const outputsOf = (tree: Tree) => readCallSpec(spec([[null], {}]), spec(tree)).outputs;
  assert.equal(outputsOf(null), ["RESULT"]);
  assert.equal(outputsOf([null]), ["RESULT[0]"]);
  assert.equal(outputsOf([null, null]), ["RESULT[0]", "RESULT[1]"]);
  assert.equal(outputsOf({ sum: null, BBB: [null, [null]] }), [
    "RESULT[sum]",
    "RESULT[BBB][0]",
    "RESULT[BBB][1][0]",
  ]);
});

naming("dictionaries of other classes have keys too, named tuples have places", () => {
  const tree = (type: string, context: unknown) =>
    JSON.stringify([1, { type, context: JSON.stringify(context), children_spec: [node(null)] }]);
  const outputsOf = (tree: string) => readCallSpec(spec([[], {}]), tree).outputs;
  assert.equal(outputsOf(tree("collections.OrderedDict", ["a"])), ["RESULT[a]"]);
  assert.equal(outputsOf(tree("collections.defaultdict", { dict_context: ["a"] })), ["RESULT[a]"]);
  assert.equal(outputsOf(tree("collections.namedtuple", "Point")), ["RESULT[0]"]);
});

naming("what is no such tree is refused", () => {
  for (const tree of ["", "{}", "[1]", "null", JSON.stringify([1, node(null)])]) {
    rejects(() => readCallSpec(tree, spec(null)), Code.INVALID_ARGUMENT, /call specification cannot be read/);
  }
});

naming.run();

const binding = suite("which tensor of a package a configured one is");

const leaves = ["ARGS[0]", "ARGS[1][a]", "KWARGS[k]"];
const bind = (names: readonly string[], direction: "input" | "output" = "input") =>
  bindLeaves("m", direction, names, leaves);
const list = "ARGS[0] (INPUT__0), ARGS[1][a] (INPUT__1), KWARGS[k] (INPUT__2)";

binding("by name, by number, and both mixed, in any order", () => {
  assert.equal(bind(["KWARGS[k]", "ARGS[0]", "ARGS[1][a]"]), [2, 0, 1]);
  assert.equal(bind(["INPUT__1", "INPUT__0", "INPUT__2"]), [1, 0, 2]);
  assert.equal(bind(["INPUT__1", "KWARGS[k]", "ARGS[0]"]), [1, 2, 0]);
});

binding("every input has to be there, outputs may be left out", () => {
  rejects(
    () => bind(["ARGS[0]"]),
    Code.INVALID_ARGUMENT,
    "unable to load model 'm', configuration expects 1 inputs, model provides 3: ARGS[1][a], KWARGS[k] are missing; " +
      `the inputs of the package are ${list}`,
  );
  assert.equal(bindLeaves("m", "output", ["OUTPUT__1"], ["RESULT[0]", "RESULT[1]"]), [1]);
});

binding("an unknown name, a number that is too large, the other direction's numbers", () => {
  for (const name of ["x", "INPUT__3", "INPUT__", "INPUT__1x", "OUTPUT__0", "ARGS[1]", "ARGS['a']"]) {
    rejects(
      () => bind([name, "ARGS[0]", "INPUT__1"]),
      Code.INVALID_ARGUMENT,
      `unable to load model 'm', it has no input '${name}'; the inputs of the package are ${list}`,
    );
  }
});

binding("two names of the same tensor", () => {
  rejects(
    () => bind(["ARGS[0]", "INPUT__0", "INPUT__2"]),
    Code.INVALID_ARGUMENT,
    /inputs 'ARGS\[0\]' and 'INPUT__0' are the same tensor/,
  );
});

binding.run();
