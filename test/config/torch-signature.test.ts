import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatSignature, resultLeaves, tensorKind } from "../../src/config/torch-signature.js";
import {
  any,
  dict,
  int,
  list,
  optional,
  strings,
  tensor,
  torchSignature,
  tuple,
} from "./example-torch-signature.js";

test("a signature is written as in Python", () => {
  const signature = torchSignature({ x: tensor, bias: [optional(tensor), "None"] }, tuple(tensor, strings));
  assert.is(
    formatSignature(signature),
    "forward(x: Tensor, bias: Optional[Tensor] = None) -> Tuple[Tensor, List[str]]",
  );
  assert.is(formatSignature(torchSignature({})), "forward() -> Tensor");
});

test("tensors and lists of strings are what the configuration names, optional ones too", () => {
  assert.equal([tensor, strings, optional(strings)].map(tensorKind), ["Tensor", "List[str]", "List[str]"]);
  assert.equal([int, list(tensor), dict(tensor), any].map(tensorKind), Array(4).fill(undefined));
});

test("the leaves of a result are counted depth first", () => {
  assert.equal(resultLeaves(tensor), [tensor]);
  assert.equal(resultLeaves(tuple(tensor, tuple(strings, tuple(int)), list(int))), [
    tensor,
    strings,
    int,
    list(int),
  ]);
  assert.equal(resultLeaves(tuple()), []);
});

test("how many there are in lists, dictionaries and values of any type, only a value tells", () => {
  for (const type of [
    list(tensor),
    dict(tensor),
    any,
    optional(tuple(tensor)),
    tuple(tensor, list(tensor)),
  ]) {
    assert.is(resultLeaves(type), undefined, type.text);
  }
});

test.run();
