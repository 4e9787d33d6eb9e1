import { test } from "uvu";
import * as assert from "uvu/assert";
import { torchParameters } from "../../src/config/torch-parameters.js";
import type { InstanceOptions } from "../../src/engine/engine-model.js";
import { modulePlaces, torchDevice } from "../../src/engine/module-places.js";
import { configOf } from "../config/example-config.js";

const instance = (kind: InstanceOptions["kind"], device = 0): InstanceOptions => ({
  name: "i",
  kind,
  device,
});

function places(instances: readonly InstanceOptions[], text = "", measurable = true) {
  const config = configOf(text);
  const signature = { arguments: [], result: { kind: "TensorType", text: "Tensor", elements: [] } };
  const modules = new Map(
    instances.map(torchDevice).map((device) => [device, { signature, freezable: true, handle: device }]),
  );
  const size = { smallModel: true, measurable };
  return modulePlaces(config, torchParameters(config), instances, modules, size);
}

test("instances on one device have one place, with the module of that device", () => {
  const found = places([
    instance("KIND_CPU"),
    instance("KIND_GPU", 1),
    instance("KIND_CPU"),
    instance("KIND_GPU", 0),
    instance("KIND_MODEL"),
  ]);
  assert.equal(found.placeOf, [0, 1, 0, 2, 3]);
  assert.equal(
    found.places.map(({ module }) => module),
    ["cpu", "cuda:1", "cuda:0", ""],
  );
});

test("CPU instances have a choice of plans, the others one", () => {
  const { places: found } = places([instance("KIND_CPU"), instance("KIND_GPU"), instance("KIND_MODEL")]);
  assert.equal(
    found.map(({ plans }) => plans.length > 1),
    [true, false, false],
  );
});

test("a model whose inputs cannot be made up is not run before its first request", () => {
  assert.is(places([instance("KIND_CPU")]).places[0]?.runsSamples, true);
  assert.is(places([instance("KIND_CPU")], "", false).places[0]?.runsSamples, false);
});

test("batch sizes and usual shapes are those of the configuration", () => {
  const text = `max_batch_size: 4 input { name: "x" data_type: TYPE_FP32 dims: -1 }
    model_warmup { name: "w" batch_size: 1 inputs { key: "x" value { data_type: TYPE_FP32 dims: 7 zero_data: true } } }`;
  const [place] = places([instance("KIND_CPU")], text).places;
  assert.equal(place?.rows, [1, 4]);
  assert.equal(place?.sampleShapes, [[7]]);
});

test.run();
