import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packageRoot } from "../../src/engine/addon-build.js";
import { managedVenv, tandemHome } from "../../src/engine/runtime-home.js";
import { fixture } from "../support/fixtures.js";

// What a stranger does: an empty project, the package from its tarball, an engine that is there already.

const test = suite("the package from its tarball");
const work = mkdtempSync(join(tmpdir(), "tandem-package-"));
const project = join(work, "project");
const installed = join(project, "node_modules/tandem-inference");
const engines = { TANDEM_PYTHON: process.env.TANDEM_PYTHON || managedVenv(tandemHome()) };
test.after(() => rmSync(work, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  // npm's own variables would make the inner npm believe that it works on this repository.
  const outer = Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD|NODE_)/i.test(name));
  const result: SpawnSyncReturns<string> = spawnSync(command, args, {
    cwd,
    env: { ...Object.fromEntries(outer), ...env },
    encoding: "utf8",
    timeout: 300_000,
  });
  assert.is(result.status, 0, `${command} ${args.join(" ")}\n${result.stdout}\n${result.stderr}`);
  return result.stdout;
}

/** The sum of two ones, by a model which adds: prints 2. */
const program = `
import { load } from "tandem-inference";
const model = await load(process.argv[2]);
const ones = { data: new Float32Array(16).fill(1), shape: [1, 16] };
const names = model.metadata.inputs.map((input) => input.name);
const outputs = await model.infer(Object.fromEntries(names.map((name) => [name, ones])));
console.log(Object.values(outputs)[0].data[0]);
await model.close();
`;

test("is packed with all it takes to build and run, and nothing of the repository's own", () => {
  const answer = JSON.parse(
    run("npm", ["pack", "--json", "--pack-destination", work], packageRoot).replace(/^[^[{]*/, ""),
  );
  const [{ filename, files }] = (Array.isArray(answer) ? answer : Object.values(answer)) as [
    { filename: string; files: { path: string }[] },
  ];
  const paths = files.map((file) => file.path);
  for (const needed of ["lib/index.js", "lib/index.d.ts", "lib/cli/main.js", "CMakeLists.txt", "LICENSE"]) {
    assert.ok(paths.includes(needed), needed);
  }
  assert.ok(paths.some((path) => path.startsWith("native/core/")));
  assert.ok(paths.some((path) => path.startsWith("python/")));
  assert.equal(
    paths.filter((path) => /^(src|test|bench|scripts|examples|\.)|\.pyc$/.test(path)),
    [],
  );
  mkdirSync(project);
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "project", private: true, type: "module" }),
  );
  symlinkSync(join(work, filename), join(work, "package.tgz"));
});

test("installs into an empty project", () => {
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(work, "package.tgz")], project);
  const names = JSON.parse(run("node", ["--input-type=module", "-e", PUBLIC_NAMES], project)) as string[];
  assert.ok(names.includes("load"), "importing it loads no engine and works without any");
});

const PUBLIC_NAMES = `console.log(JSON.stringify(Object.keys(await import("tandem-inference"))))`;

test("says what to do where no addon is there, builds it, and runs a model", () => {
  const env = { ...engines, TANDEM_HOME: join(work, "built") };
  writeFileSync(join(project, "program.mjs"), program);
  const doctor = spawnSync(join(project, "node_modules/.bin/tandem"), ["doctor"], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });
  assert.is(doctor.status, 1, doctor.stderr);
  assert.match(doctor.stdout, "npx tandem setup tensorflow   builds the addon");
  run(join(project, "node_modules/.bin/tandem"), ["setup", "tensorflow"], project, env);
  assert.is(run("node", ["program.mjs", fixture("tf-add")], project, env).trim(), "2");
});

test("takes prebuilt addons, and then needs no compiler", () => {
  const node = process.execPath;
  const out = join(work, "prebuilds");
  run(node, [join(packageRoot, "scripts/prebuild.mjs"), `--out=${out}`], packageRoot, engines);
  cpSync(out, join(installed, "prebuilds"), { recursive: true });
  const env = { ...engines, TANDEM_HOME: join(work, "prebuilt"), CXX: "/nonexistent" };
  for (const model of ["tf-add", "torch-add"]) {
    assert.is(run(node, ["program.mjs", fixture(model)], project, env).trim(), "2", model);
  }
});

test.run();
