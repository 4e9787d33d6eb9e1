import { test } from "uvu";
import * as assert from "uvu/assert";
import { tensorFlowBackendOptions } from "../../src/config/tensorflow-options.js";
import type { InstanceOptions } from "../../src/engine/engine-model.js";
import { sessionPlaces } from "../../src/engine/session-places.js";
import type { ModelSize } from "../../src/engine/tensorflow-model-size.js";
import { configOf } from "../config/example-config.js";

const size: ModelSize = { isSmall: true, measurable: "in several sessions", isFreezable: true };
const instance = (kind: InstanceOptions["kind"], device = 0): InstanceOptions => ({
  name: "i",
  kind,
  device,
});

function places(instances: readonly InstanceOptions[], text = "") {
  return sessionPlaces(configOf(text), tensorFlowBackendOptions(new Map()), instances, size);
}

test("instances on one device have one place", () => {
  const found = places([
    instance("KIND_CPU"),
    instance("KIND_GPU", 0),
    instance("KIND_CPU"),
    instance("KIND_GPU", 1),
    instance("KIND_GPU", 1),
    instance("KIND_MODEL"),
  ]);
  assert.equal(found.placeOf, [0, 1, 0, 2, 2, 3]);
  assert.is(found.places.length, 4);
});

test("operations go to the instance's GPU; the first needs no telling", () => {
  const { places: found } = places([
    instance("KIND_CPU"),
    instance("KIND_GPU", 0),
    instance("KIND_GPU", 1),
    instance("KIND_GPU", 7),
    instance("KIND_MODEL"),
  ]);
  assert.equal(
    found.map(({ device }) => device),
    ["", "", "/device:GPU:1", "/device:GPU:7", ""],
  );
});

test("a graph's own placement is dropped, but not where the model is asked for it", () => {
  const { places: found } = places([instance("KIND_CPU"), instance("KIND_GPU"), instance("KIND_MODEL")]);
  assert.equal(
    found.map(({ clearsDevices }) => clearsDevices),
    [true, true, false],
  );
});

test("CPU instances have a choice of plans, the others one", () => {
  const { places: found } = places([instance("KIND_CPU"), instance("KIND_GPU"), instance("KIND_MODEL")]);
  assert.equal(
    found.map(({ plans }) => plans.length > 1),
    [true, false, false],
  );
});

test("a warning that concerns several devices is told once", () => {
  const text = 'parameters { key: "TF_NUM_INTER_THREADS" value { string_value: "2" } }';
  assert.is(places([instance("KIND_GPU", 0), instance("KIND_GPU", 1)], text).warnings.length, 1);
});

test.run();
