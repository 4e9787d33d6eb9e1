import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Inference } from "../../src/model/inference.js";
import { chooseScheduler, coalesceRows } from "../../src/scheduler/choose-scheduler.js";
import { CoalescingScheduler } from "../../src/scheduler/coalescing-scheduler.js";
import { DirectScheduler } from "../../src/scheduler/direct-scheduler.js";
import { DynamicBatcher } from "../../src/scheduler/dynamic-batcher.js";
import { RateLimiter } from "../../src/scheduler/rate-limiter.js";
import { FakeEngine } from "../support/fake-engine.js";
import { doubleConfig, modelConfig } from "../support/model-config.js";

function chosen(batching: string) {
  const config = modelConfig(doubleConfig + batching);
  return {
    scheduler: chooseScheduler<Inference>(config, new FakeEngine(), () => 0),
    coalesceRows: coalesceRows(config),
  };
}

test("without dynamic batching every request is executed by itself", () => {
  const { scheduler, coalesceRows } = chosen("");
  assert.instance(scheduler, DirectScheduler);
  assert.is(coalesceRows, 0);
});

test("plain dynamic batching is left to the engine's queue", () => {
  for (const batching of [
    "dynamic_batching { }",
    "dynamic_batching { preferred_batch_size: 4 }",
    "dynamic_batching { priority_levels: 1 default_priority_level: 1 }",
    "dynamic_batching { default_queue_policy { allow_timeout_override: true } }",
  ]) {
    const { scheduler, coalesceRows } = chosen(batching);
    assert.instance(scheduler, CoalescingScheduler, batching);
    assert.is(coalesceRows, 4, batching);
  }
});

test("anything more is decided by the batcher", () => {
  for (const batching of [
    "dynamic_batching { max_queue_delay_microseconds: 1 }",
    "dynamic_batching { preferred_batch_size: [2, 4] }",
    "dynamic_batching { preserve_ordering: true }",
    "dynamic_batching { priority_levels: 2 default_priority_level: 1 }",
    "dynamic_batching { default_queue_policy { max_queue_size: 8 } }",
    "dynamic_batching { default_queue_policy { default_timeout_microseconds: 1000 } }",
  ]) {
    const { scheduler, coalesceRows } = chosen(batching);
    assert.instance(scheduler, DynamicBatcher, batching);
    assert.is(coalesceRows, 0, batching);
  }
});

test("under a rate limiter everything is, and engines merge nothing", () => {
  const limited = new RateLimiter().add([{ device: "cpu", resources: [], priority: 1 }]);
  for (const batching of ["", "dynamic_batching { }", "dynamic_batching { preserve_ordering: true }"]) {
    const config = modelConfig(doubleConfig + batching);
    const scheduler = chooseScheduler<Inference>(config, new FakeEngine(), () => 0, limited);
    assert.instance(scheduler, DynamicBatcher, batching);
    assert.is(coalesceRows(config, true), 0, batching);
  }
});

test.run();
