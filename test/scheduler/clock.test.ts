import { test } from "uvu";
import * as assert from "uvu/assert";
import { systemClock } from "../../src/scheduler/clock.js";

for (const micros of [100, 5000]) {
  test(`an alarm ${micros} µs ahead does not ring before its time`, async () => {
    const start = systemClock.now();
    const rang = await new Promise<number>((resolve) => {
      systemClock.alarm(micros, () => resolve(systemClock.now()));
    });
    assert.ok((rang - start) * 1000 >= micros - 1e-3);
  });

  test(`a cancelled alarm ${micros} µs ahead does not ring`, async () => {
    let rang = false;
    const alarm = systemClock.alarm(micros, () => {
      rang = true;
    });
    alarm.cancel();
    await new Promise<void>((resolve) => {
      systemClock.alarm(micros * 2, resolve);
    });
    assert.is(rang, false);
  });
}

test.run();
