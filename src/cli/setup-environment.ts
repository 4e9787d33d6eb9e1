import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { packageRoot } from "../engine/addon-build.js";
import { commandPath } from "../engine/find-site-packages.js";
import { managedVenv } from "../engine/runtime-home.js";
import { runStep } from "./setup-step.js";
import { size } from "./setup-tools.js";

/** What has been installed into the managed environment: a step's name and the requirements it was done with. */
type Stamps = Record<string, string>;

/** The managed Python environment: made once, and filled step by step; a step that was done is not done again. */
export class SetupEnvironment {
  readonly home: string;
  readonly folder: string;
  readonly python: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(home: string, env: NodeJS.ProcessEnv) {
    this.home = home;
    this.folder = managedVenv(home);
    this.python = join(this.folder, "bin", "python");
    this.#env = env;
  }

  get exists(): boolean {
    return existsSync(this.python) && existsSync(this.#stampFile);
  }

  get #stampFile(): string {
    return join(this.folder, "tandem-setup.json");
  }

  done(step: string): string | undefined {
    return this.#stamps()[step];
  }

  #stamps(): Stamps {
    return this.exists ? (JSON.parse(readFileSync(this.#stampFile, "utf8")) as Stamps) : {};
  }

  markDone(step: string, requirements: string): void {
    writeFileSync(
      this.#stampFile,
      `${JSON.stringify({ ...this.#stamps(), [step]: requirements }, null, 2)}\n`,
    );
  }

  /** @param findPython names the interpreter to make it with; asked only if it has to be made */
  async create(findPython: () => string): Promise<void> {
    if (this.exists) return;
    rmSync(this.folder, { recursive: true, force: true });
    await runStep({
      title: "making a Python environment",
      command: findPython(),
      args: ["-m", "venv", this.folder],
      log: this.log("venv"),
    });
    writeFileSync(this.#stampFile, "{}\n");
  }

  /** Installs requirements; pip reads the user's own configuration, so mirrors and indexes count. */
  async install(title: string, args: readonly string[]): Promise<void> {
    // On the disk that was checked for space: /tmp is often small, or memory.
    const arriving = join(this.home, "tmp");
    mkdirSync(arriving, { recursive: true });
    let file = "";
    let total = "";
    try {
      await runStep({
        title,
        command: this.python,
        args: ["-m", "pip", "install", "--no-compile", "--progress-bar", "off", ...args],
        env: { ...this.#env, TMPDIR: arriving, PIP_NO_INPUT: "1", PIP_DISABLE_PIP_VERSION_CHECK: "1" },
        log: this.log(`pip-${title.replace(/[^\w.]+/g, "-")}`),
        progress: (line) => {
          const download = /^\s*Downloading (\S+) \(([\d.]+ [MG]B)\)/.exec(line);
          if (download) {
            [file, total] = [basename(download[1] ?? ""), download[2] ?? ""];
            return `fetching ${file}`;
          }
          file = "";
          return line.startsWith("Installing collected packages") ? "unpacking" : undefined;
        },
        measure: () => (file ? `${size(byteSizeOf(file, arriving) / 1e6)} of ${total}` : undefined),
        advice: pipAdvice,
      });
    } finally {
      rmSync(arriving, { recursive: true, force: true });
    }
  }

  async uninstall(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await runStep({
      title: `removing ${names.join(", ")}`,
      command: this.python,
      args: ["-m", "pip", "uninstall", "--yes", ...names],
      log: this.log("pip-uninstall"),
    });
  }

  /**
   * Lets `import torch` work where CUDA's libraries were left out; takes that away again where they are there. The
   * addons do not need it, so without a C compiler it is put off until there is one.
   */
  async setUpSlimTorch(): Promise<void> {
    const torch = this.done("torch");
    if (!torch) return;
    const script = join(packageRoot, "python", "slim_torch.py");
    const wanted = `${torch}, ${createHash("sha256").update(readFileSync(script)).digest("hex").slice(0, 12)}`;
    if (this.done("import torch") === wanted) return;
    if (!commandPath(this.#env.CC || "cc", this.#env)) {
      process.stderr.write(
        "note: without a C compiler (cc), `import torch` does not work in this environment\n",
      );
      return;
    }
    await runStep({
      title: "preparing import torch",
      command: this.python,
      args: [script, "--install"],
      log: this.log("slim-torch"),
    });
    this.markDone("import torch", wanted);
  }

  log(name: string): string {
    return join(this.home, "logs", `${name}.log`);
  }
}

/** How much of a file has arrived somewhere under a folder, in bytes. */
function byteSizeOf(file: string, folder: string): number {
  try {
    const path = readdirSync(folder, { recursive: true, encoding: "utf8" }).find(
      (name) => basename(name) === file,
    );
    return path ? statSync(join(folder, path)).size : 0;
  } catch {
    return 0; // it went while we looked
  }
}

function pipAdvice(output: string): string | undefined {
  if (/No space left on device/i.test(output)) {
    return "The disk is full. Free some space, or put Tandem's folder elsewhere: TANDEM_HOME=/other/disk/tandem npx tandem setup";
  }
  if (/No matching distribution found/i.test(output)) {
    return "The package index that pip is configured for (`pip config list`) does not offer this version for this Python and machine.";
  }
  if (/Temporary failure|Name or service|Connection|timed? ?out|SSLError|ProxyError/i.test(output)) {
    return "The package index cannot be reached. Check the network and pip's settings (`pip config list`), then run the same command again: it goes on where it stopped.";
  }
  return undefined;
}
