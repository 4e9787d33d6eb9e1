import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { defaultOptionValue, parseOptionValue } from "../../src/cli/option-value.js";
import { type ServeOption, serveOptions } from "../../src/cli/serve-options.js";
import { serveSettings } from "../../src/cli/serve-settings.js";
import { unsupportedOptionWarnings } from "../../src/cli/unsupported-options.js";
import { packageRoot } from "../../src/engine/addon-build.js";

function option(name: string): ServeOption {
  const found = serveOptions.find((each) => each.name === name);
  assert.ok(found, `--${name} is not in the table`);
  return found as ServeOption;
}

function documentedRow({ name, default: value, support, help }: ServeOption): string {
  return `| \`--${name}\` | ${value === "" ? "" : `\`${value}\``} | ${support} | ${help} |`;
}

test("docs/serve.md has the table, row by row", () => {
  const rows = readFileSync(join(packageRoot, "docs/serve.md"), "utf8").match(/^\| `--.*$/gm);
  assert.equal(rows, serveOptions.map(documentedRow));
});

test("no name is there twice", () => {
  assert.is(new Set(serveOptions.map(({ name }) => name)).size, serveOptions.length);
});

test("every default is a value of its option", () => {
  for (const each of serveOptions) assert.not.throws(() => defaultOptionValue(each), each.name);
});

test("booleans are true, on and 1 or false, off and 0, in any case", () => {
  for (const text of ["true", "on", "1", "TRUE", "On"]) {
    assert.is(parseOptionValue(option("allow-http"), text), true);
  }
  for (const text of ["false", "off", "0", "False"]) {
    assert.is(parseOptionValue(option("allow-http"), text), false);
  }
  assert.throws(() => parseOptionValue(option("allow-http"), "yes"), "expected true or false");
});

test("integers have their ranges", () => {
  assert.is(parseOptionValue(option("http-port"), "0"), 0);
  assert.throws(() => parseOptionValue(option("http-port"), "65536"), "expected 0 to 65535");
  assert.throws(() => parseOptionValue(option("http-port"), "8000x"), "expected an integer");
  assert.throws(() => parseOptionValue(option("model-load-thread-count"), "0"), "expected at least 1");
});

test("--log-verbose is a level, or true or false", () => {
  const verbose = option("log-verbose");
  assert.equal(
    ["0", "2", "true", "false"].map((text) => parseOptionValue(verbose, text)),
    [0, 2, 1, 0],
  );
});

test("--rate-limit is one of two, and makes a limiter of the resources given", () => {
  assert.throws(
    () => parseOptionValue(option("rate-limit"), "on"),
    (error: Error) => error.message === "expected off or execution_count",
  );
  const settings = (mode: string, ...resources: string[]) => {
    const values = new Map(serveOptions.map((each) => [each.name, defaultOptionValue(each)]));
    return serveSettings(values.set("rate-limit", mode).set("rate-limit-resource", resources)).repository;
  };
  assert.is(settings("off", "r:1").rateLimiter, undefined);
  const limiter = settings("execution_count", "r:3", "s:4:1").rateLimiter;
  limiter?.add([
    {
      device: 1,
      priority: 0,
      resources: ["r", "s"].map((name) => ({ name, count: 1, global: false })),
    },
  ]);
  assert.equal(limiter?.describe().slice(2), ["\t\tResource: r\t Count: 3", "\t\tResource: s\t Count: 4"]);
  assert.throws(() => settings("off", "r"), /^--rate-limit-resource: expected NAME:COUNT/);
});

test("--log-format is one of two", () => {
  assert.throws(() => parseOptionValue(option("log-format"), "json"), "expected default or ISO8601");
});

test("options that may be repeated are gathered", () => {
  const backend = option("backend-config");
  const one = parseOptionValue(backend, "a=1", defaultOptionValue(backend));
  assert.equal(parseOptionValue(backend, "b=2", one), ["a=1", "b=2"]);
});

test("tells of what is ignored, by name, and only where it would change something", () => {
  const given = ["grpc-port", "model-control-mode", "http-port"].map(option);
  const values = new Map<string, string | number>([
    ["grpc-port", 9001],
    ["model-control-mode", "none"],
    ["http-port", 9000],
  ]);
  assert.equal(unsupportedOptionWarnings(given, values), ["--grpc-port is ignored: gRPC is not offered yet"]);
});

test("refuses by name what would be served otherwise than asked for", () => {
  for (const [name, value] of [
    ["model-control-mode", "poll"],
    ["allow-client-shm", true],
    ["http-restricted-api", ["health:k=v"]],
  ] as const) {
    assert.throws(
      () => unsupportedOptionWarnings([option(name)], new Map([[name, value]])),
      (error: Error) => error.message.startsWith(`--${name}=${value} is not supported yet (`),
    );
  }
});

test("--load-model needs --model-control-mode=explicit", () => {
  const settings = (mode: string, ...models: string[]) => {
    const values = new Map(serveOptions.map((each) => [each.name, defaultOptionValue(each)]));
    return serveSettings(values.set("model-control-mode", mode).set("load-model", models)).repository;
  };
  for (const [mode, models, expected] of [
    ["none", [], undefined],
    ["explicit", [], undefined],
    ["explicit", ["a", "b"], ["a", "b"]],
  ] as const) {
    const { modelControl, models: chosen } = settings(mode, ...models);
    assert.is(modelControl, mode);
    assert.equal(chosen, expected);
  }
  assert.throws(
    () => settings("none", "a"),
    (error: Error) =>
      error.message ===
      "Error: Use of '--load-model' requires setting '--model-control-mode=explicit' as well.",
  );
  assert.throws(
    () => parseOptionValue(option("model-control-mode"), "all"),
    (error: Error) => error.message === "expected none or explicit or poll",
  );
});

test("the command line becomes settings of repository, server and log", () => {
  const values = new Map(serveOptions.map((each) => [each.name, defaultOptionValue(each)]));
  values.set("model-repository", ["a"]);
  values.set("model-store", ["b"]);
  values.set("strict-model-config", true);
  values.set("http-address", "127.0.0.1");
  const settings = serveSettings(values);
  assert.equal(settings.repositoryPaths, ["a", "b"]);
  assert.is(settings.repository.autoComplete, false);
  assert.is(settings.server.httpPort, 8000);
  assert.is(settings.server.metricsAddress, "127.0.0.1");
  assert.is(settings.exitOnError, true);
  assert.equal(settings.log, {
    verbose: 0,
    info: true,
    warning: true,
    error: true,
    format: "default",
    file: "",
  });
});

test.run();
