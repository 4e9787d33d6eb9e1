import { test } from "uvu";
import * as assert from "uvu/assert";
import { missingVersions, versionsToLoad } from "../../src/model/version-policy.js";
import { modelConfig } from "../support/model-config.js";

const policy = (text: string) => modelConfig(`version_policy { ${text} }`).versionPolicy;
const available = [10, 2, 1, 7];

test("without a policy the greatest number is loaded", () => {
  assert.equal(versionsToLoad(available, undefined), [10]);
});

test("latest: the greatest numbers, as many as it says", () => {
  assert.equal(versionsToLoad(available, policy("latest { num_versions: 3 }")), [2, 7, 10]);
  assert.equal(versionsToLoad(available, policy("latest { num_versions: 9 }")), [1, 2, 7, 10]);
});

test("all: every one", () => {
  assert.equal(versionsToLoad(available, policy("all { }")), [1, 2, 7, 10]);
});

test("specific: those listed that are there; the others are told", () => {
  const specific = policy("specific { versions: [7, 3, 1] }");
  assert.equal(versionsToLoad(available, specific), [1, 7]);
  assert.equal(missingVersions(available, specific), [3]);
});

test.run();
