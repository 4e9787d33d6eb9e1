import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/engine/addon-build.js";
import { python, runPython } from "../support/python.js";
import { TestServer } from "../support/server.js";

const readme = readFileSync(join(packageRoot, "README.md"), "utf8");
/** Code blocks of the README with their languages. */
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, code = ""]) => ({
  language,
  code,
}));

runPython(join(packageRoot, "examples/make-models.py"), []);
const accuracies = JSON.parse(
  readFileSync(join(packageRoot, "examples/data/accuracy.json"), "utf8"),
) as Record<string, number>;
const server = await TestServer.start(join(packageRoot, "examples/models"));
const host = server.url.replace("http://", "");

function run(command: string, ...args: string[]): Promise<string> {
  return promisify(execFile)(command, args, { cwd: packageRoot }).then(({ stdout }) => stdout);
}

/** The code block behind the one that contains `text`: what it prints. */
function outputBehind(text: string): string {
  return blocks[blocks.findIndex(({ code }) => code.includes(text)) + 1]?.code ?? "";
}

/** Training rounds a little differently on other processors. */
function withoutFractions(text: string): string {
  return text.replace(/\d\.\d+/g, "#");
}

test("every digit model recognises the digits it has not seen", () => {
  assert.equal(Object.keys(accuracies).sort(), ["digits_graphdef", "digits_tf", "digits_torch"]);
  for (const [model, accuracy] of Object.entries(accuracies))
    assert.ok(accuracy > 0.95, `${model}: ${accuracy}`);
});

test("client.py finds the same accuracy through the server", async () => {
  const printed = await run(python(), "examples/client.py", host);
  for (const [model, accuracy] of Object.entries(accuracies)) {
    assert.match(printed, `${model}: ${(accuracy * 100).toFixed(1)}% of 360 held-out digits`);
  }
  assert.match(printed, "text_tf: 'hello world' (2 words) 'über all' (2 words)");
});

test("client.mjs finds the same by fetch", async () => {
  const printed = await run(process.execPath, "examples/client.mjs", server.url);
  const accuracy = ((accuracies.digits_torch as number) * 100).toFixed(1);
  assert.match(printed, `binary, digits_torch: ${accuracy}% of 360 digits`);
  assert.match(printed, 'JSON, text_tf: "hello world", 2 words');
});

test("embedded.mjs is in the README, with what it prints", async () => {
  const source = readFileSync(join(packageRoot, "examples/embedded.mjs"), "utf8");
  assert.ok(blocks.some(({ code }) => code === source));
  const printed = await run(process.execPath, "examples/embedded.mjs");
  assert.is(withoutFractions(printed), withoutFractions(outputBehind(source)));
});

test("the README's curl gets the answer that is printed there", async () => {
  const curl = blocks.find(({ code }) => code.startsWith("curl "))?.code ?? "";
  const [, path, body] = /localhost:8000(\S+) -d '(.*)'/s.exec(curl) ?? [];
  const response = await fetch(`${server.url}${path}`, { method: "POST", body: body as string });
  assert.is(`${await response.text()}\n`, outputBehind("curl "));
});

test("the README's tritonclient call prints what is printed there", async () => {
  const source = blocks.find(({ language }) => language === "python")?.code ?? "";
  const program = source.replace("localhost:8000", host);
  const printed = await run(python(), "-c", program);
  assert.is(withoutFractions(printed), withoutFractions(outputBehind(source)));
});

test.after(async () => {
  assert.is(await server.stop(), 0, server.log);
});
test.run();
