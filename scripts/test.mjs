/**
 * Runs the tests: every `*.test.ts` under `test/` in a process of its own, two at a time, then the native ones.
 *
 *     npm test                      all of them
 *     npm test -- engine cli/setup  those whose path contains one of the words
 *
 * The last line is `N passed, N failed`; the exit code tells the same.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { runNativeTests } from "./native-tests.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const PROCESSES = 2;
const TIMEOUT_MILLIS = 10 * 60_000;
const words = process.argv.slice(2);

const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache");
const managedVenv = join(process.env.TANDEM_HOME || join(cache, "tandem"), "venv");
const env = { ...process.env, TANDEM_PYTHON: process.env.TANDEM_PYTHON || managedVenv, NODE_ENV: "test" };

const isWanted = (name) => words.length === 0 || words.some((word) => name.includes(word));
const files = readdirSync(join(root, "test"), { recursive: true })
  .filter((name) => name.endsWith(".test.ts") && isWanted(name))
  .sort();

const total = { passed: 0, failed: 0, skipped: 0 };
const failedFiles = [];
const queue = [...files];
await Promise.all(Array.from({ length: PROCESSES }, takeFromQueue));
if (existsSync(join(root, "test/native/CMakeLists.txt")) && isWanted("native")) await testNative();

if (failedFiles.length > 0) process.stdout.write(`\nfailed: ${failedFiles.join(", ")}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function takeFromQueue() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const started = performance.now();
    report(name, await runFile(join("test", name)), started);
  }
}

async function testNative() {
  const started = performance.now();
  report("native", await runNativeTests(root, env), started);
}

/** Adds one file's outcome to the total and prints it; what a failed one wrote is shown. */
function report(name, { code, output, counts }, started) {
  const failed = Math.max(counts.failed, code === 0 ? 0 : 1);
  total.passed += counts.passed;
  total.failed += failed;
  total.skipped += counts.skipped;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (failed > 0) {
    failedFiles.push(name);
    process.stdout.write(`${output.trimEnd()}\n`);
  }
  process.stdout.write(
    `${failed > 0 ? "FAIL" : "ok  "} ${name}: ${counts.passed} passed, ${failed} failed (${seconds} s)\n`,
  );
}

function runFile(file) {
  return new Promise((settle) => {
    const child = spawn(process.execPath, ["--import", "tsx", file], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const timer = setTimeout(() => {
      output += `\nstopped: not done after ${TIMEOUT_MILLIS / 60_000} minutes\n`;
      child.kill("SIGKILL");
    }, TIMEOUT_MILLIS);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("close", (code) => {
      clearTimeout(timer);
      settle({ code, output, counts: uvuCounts(output) });
    });
  });
}

/** The sums of uvu's closing lines; a process may run several suites and prints one sum for all of them. */
function uvuCounts(output) {
  const plain = stripVTControlCharacters(output);
  const sum = (title) =>
    [...plain.matchAll(new RegExp(`^\\s*${title}:\\s+(\\d+)`, "gm"))].reduce(
      (all, match) => all + Number(match[1]),
      0,
    );
  const passed = sum("Passed");
  return { passed, failed: Math.max(0, sum("Total") - passed), skipped: sum("Skipped") };
}
