/** `tandem serve` as a process: what it refuses, what it serves, how it ends. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";
import { runTandem } from "./run-tandem.js";

const repository = new TemporaryRepository({ slow: "tf-slow", broken: "tf-truncated" });
const folder = mkdtempSync(join(tmpdir(), "tandem-serve-"));

function serve(...args: readonly string[]) {
  const { code, stdout, stderr } = runTandem(["serve", ...args], process.env);
  return { code, stdout, stderr };
}

/** A request that runs for so many milliseconds. */
function infer(server: TestServer, milliseconds: number): Promise<Response> {
  const input = { name: "milliseconds", datatype: "FP32", shape: [1, 1], data: [milliseconds] };
  return fetch(`${server.url}/v2/models/slow/infer`, {
    method: "POST",
    body: JSON.stringify({ inputs: [input] }),
  });
}

function start(...args: readonly string[]): Promise<TestServer> {
  return TestServer.start(repository.path, ["--exit-on-error=false", ...args]);
}

for (const [args, message] of [
  [["--no-such-option=1"], "unknown option '--no-such-option=1'"],
  [["stray", "--model-repository=x"], "too many arguments"],
  [["--http-port=x"], "argument 'x' is invalid. expected an integer"],
  [[], "--model-repository must be specified"],
] as const) {
  test(`\`serve ${args.join(" ")}\` shows what is wrong and how to use it, and exits with 1`, () => {
    const { code, stderr } = serve(...args);
    assert.is(code, 1);
    assert.match(stderr, message);
    assert.match(stderr, "Usage: tandem serve");
  });
}

test("an option that is not supported yet is an error that names it", () => {
  const { code, stderr } = serve("--model-repository=x", "--model-control-mode", "poll");
  assert.is(code, 1);
  assert.match(stderr, "--model-control-mode=poll is not supported yet");
});

test("a deprecated option says what to use instead, and works", () => {
  const { code, stderr, stdout } = serve(
    `--model-repository=${repository.path}`,
    "--strict-model-config=true",
  );
  assert.is(code, 1);
  assert.match(
    stderr,
    "'--strict-model-config' has been deprecated! Please use '--disable-auto-complete-config' instead.",
  );
  assert.match(stdout, /\| slow +\| - +\| UNAVAILABLE: Not found: model 'slow' has no config.pbtxt/);
});

test("a repository that is not there is an error", () => {
  const { code, stderr } = serve(
    `--model-repository=${folder}/none`,
    "--allow-http=off",
    "--allow-metrics=0",
  );
  assert.is(code, 1);
  assert.match(stderr, `${folder}/none`);
});

test("a model that cannot be loaded ends the start, unless told otherwise", () => {
  const { code, stdout, stderr } = serve(`--model-repository=${repository.path}`, "--http-port=0");
  assert.is(code, 1);
  assert.match(stderr, "failed to load all models");
  assert.match(stdout, /\| slow +\| 1 +\| READY/);
  assert.match(stdout, /\| broken +\| 1 +\| UNAVAILABLE: /);
  assert.not.match(stdout, "Started HTTPService");
});

test("with explicit control only what is asked for is loaded, and only that can fail", async () => {
  const explicit = ["--model-control-mode=explicit", "--exit-on-error=true"];
  const server = await start(...explicit, "--load-model=slow");
  assert.match(server.log, /\| broken +\| - +\| - +\|/);
  assert.is((await fetch(`${server.url}/v2/health/ready`)).status, 200);
  const load = () => fetch(`${server.url}/v2/repository/models/broken/load`, { method: "POST" });
  assert.is((await load()).status, 400);
  assert.is((await fetch(`${server.url}/v2/health/ready`)).status, 400);
  assert.is(await server.stop(), 0);
});

for (const [args, message] of [
  [["--model-control-mode=explicit", "--load-model=none"], /failed to load all models/],
  [["--model-control-mode=explicit", "--load-model=*"], /failed to load all models/],
  [
    ["--model-control-mode=explicit", "--load-model=slow", "--load-model=*"],
    /Wildcard model name '\*' must be the ONLY startup model if specified at all\./,
  ],
  [
    ["--load-model=slow"],
    /Error: Use of '--load-model' requires setting '--model-control-mode=explicit' as well\./,
  ],
] as const) {
  test(`\`serve ${args.join(" ")}\` ends with 1 and says why`, () => {
    const { code, stderr } = serve(`--model-repository=${repository.path}`, ...args);
    assert.is(code, 1);
    assert.match(stderr, message);
  });
}

test("serves the good models and is not ready while strict", async () => {
  const strict = await start();
  assert.is((await fetch(`${strict.url}/v2/health/ready`)).status, 400);
  assert.is((await fetch(`${strict.url}/v2/models/slow/ready`)).status, 200);
  assert.is(await strict.stop(), 0);
  const lenient = await start("--strict-readiness", "false");
  assert.is((await fetch(`${lenient.url}/v2/health/ready`)).status, 200);
  assert.is(await lenient.stop("SIGINT"), 0);
});

test("finishes what is in flight when it is told to stop; a second signal changes nothing", async () => {
  const server = await start();
  const answer = infer(server, 1000);
  await pause(300);
  const ended = server.stop();
  await pause(100);
  void server.stop();
  assert.is((await answer).status, 200);
  assert.is(await ended, 0, server.log);
});

test("exits with 1 if that takes longer than it may", async () => {
  const server = await start("--exit-timeout-secs=1");
  const answer = infer(server, 4000).catch(() => undefined);
  await pause(300);
  const began = performance.now();
  assert.is(await server.stop(), 1, server.log);
  assert.ok(performance.now() - began < 3000);
  assert.match(server.log, "failed to stop server: Exit timeout expired. Exiting immediately.");
  assert.is(await answer, undefined);
});

test("logs to a file where told to, and leaves out what it is told to", async () => {
  const file = join(folder, "log");
  const { code, stdout, stderr } = serve(
    `--model-repository=${repository.path}`,
    `--log-file=${file}`,
    "--log-format=ISO8601",
    "--log-info=false",
  );
  assert.is(code, 1);
  const log = readFileSync(file, "utf8");
  assert.match(log, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ E \d+ tandem\] failed to start the server: /m);
  assert.not.match(log, "loading model");
  assert.not.match(stdout + stderr, "tandem]");
});

test("tells of requests that fail only if asked to", async () => {
  const server = await start("--log-verbose=1");
  await infer(server, Number.NaN);
  const response = await fetch(`${server.url}/v2/models/slow/infer`, { method: "POST", body: "{" });
  assert.is(response.status, 500);
  await server.stop();
  assert.match(server.log, "[/v2/models/slow/infer] Infer failed: failed to parse the request JSON buffer");
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

test.after(() => {
  repository.remove();
  rmSync(folder, { recursive: true });
});
test.run();
