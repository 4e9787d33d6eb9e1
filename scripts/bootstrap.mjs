/**
 * Everything between a bare clone and a running Tandem, each part only if it is not done: npm packages, compiled
 * TypeScript, engines with their addons, example models. Before `npm start`, `npm test` and `npm run setup`; has no
 * dependencies, since it runs before there are any.
 *
 *     node scripts/bootstrap.mjs [start|test|setup|pack]
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compileLibrary } from "./compile-library.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const purpose = process.argv[2] ?? "setup";

/** Where Tandem keeps its Python environment; as `src/engine/runtime-home.ts` has it. */
function managedVenv() {
  const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), ".cache");
  return join(process.env.TANDEM_HOME || join(cache, "tandem"), "venv");
}

const pythonNamed = process.env.TANDEM_PYTHON;
const pythonPlace = pythonNamed || managedVenv();

/** The interpreter; the environment is there only once the engines are set up. */
function python() {
  return existsSync(join(pythonPlace, "bin")) ? join(pythonPlace, "bin", "python") : pythonPlace;
}

function run(command, args, env = process.env) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status === 0) return;
  process.stderr.write(`\n${[command, ...args].join(" ")} failed${error ? `: ${error.message}` : ""}\n`);
  process.exit(1);
}

/** Whether every package of the lock file that is not for other machines only is there in its version. */
function packagesAreInstalled() {
  const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8")).packages;
  if (!existsSync(join(root, "node_modules/.package-lock.json"))) return false;
  const installed = read("node_modules/.package-lock.json");
  return Object.entries(read("package-lock.json")).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
}

function installPackages() {
  if (packagesAreInstalled()) return;
  process.stderr.write("installing the npm packages ...\n");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  if (npm?.endsWith(".js")) run(process.execPath, [npm, ...args]);
  else run("npm", args);
}

function setUpEngines() {
  // The tests compare with the Python that made the models: its engines, not others which happen to be active.
  const env = purpose === "test" ? { ...process.env, TANDEM_PYTHON: pythonPlace } : process.env;
  run(process.execPath, ["lib/cli/main.js", "setup", "--extra", "examples"], env);
}

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  process.stderr.write(`Node.js 20 or later is needed; this is ${process.versions.node}\n`);
  process.exit(1);
}
installPackages();
compileLibrary(root, run);
if (purpose !== "pack") {
  setUpEngines();
  run(python(), ["examples/make-models.py"]);
}
if (purpose === "setup") run(process.execPath, ["lib/cli/main.js", "doctor"]);
