import { test } from "uvu";
import * as assert from "uvu/assert";
import { ArrivalOrder } from "../../src/scheduler/arrival-order.js";

function setUp() {
  const order = new ArrivalOrder<{ name: string }>();
  const [a, b, c] = ["a", "b", "c"].map((name) => ({ name })) as [
    { name: string },
    { name: string },
    { name: string },
  ];
  const released: string[] = [];
  for (const request of [a, b, c]) order.arrived(request);
  const complete = (request: { name: string }) => order.completed(request, () => released.push(request.name));
  return { order, a, b, c, released, complete };
}

test("an outcome waits for those of all requests that arrived before", () => {
  const { a, b, c, released, complete } = setUp();
  complete(c);
  complete(b);
  assert.equal(released, []);
  complete(a);
  assert.equal(released, ["a", "b", "c"]);
});

test("the oldest does not wait", () => {
  const { a, released, complete } = setUp();
  complete(a);
  assert.equal(released, ["a"]);
});

test("nobody waits for a request that was withdrawn", () => {
  const { order, a, b, released, complete } = setUp();
  complete(b);
  order.withdrawn(a);
  assert.equal(released, ["b"]);
});

test.run();
