import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Compiles `src/` to `lib/` if a source, the compiler or its settings have changed, and removes what has no source any
 * more.
 *
 * @param {string} root the package's root
 * @param {(command: string, args: string[]) => void} run runs a command in `root` and does not return if it fails
 */
export function compileLibrary(root, run) {
  const stamp = join(root, "lib/.built-from");
  const sources = readdirSync(join(root, "src"), { recursive: true }).filter((name) =>
    /\.(ts|json)$/.test(name),
  );
  const wanted = hashOf(root, [
    "tsconfig.json",
    "package-lock.json",
    ...sources.map((name) => join("src", name)).sort(),
  ]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  process.stderr.write("compiling TypeScript ...\n");
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  removeOrphans(root, new Set(sources.map((name) => name.replace(/\.ts$/, ""))));
  chmodSync(join(root, "lib/cli/main.js"), 0o755);
  mkdirSync(join(root, "lib"), { recursive: true });
  writeFileSync(stamp, wanted);
}

function hashOf(root, names) {
  const hash = createHash("sha256");
  for (const name of names)
    hash
      .update(name)
      .update("\0")
      .update(readFileSync(join(root, name)))
      .update("\0");
  return hash.digest("hex");
}

function removeOrphans(root, stems) {
  for (const name of readdirSync(join(root, "lib"), { recursive: true })) {
    if (/\.(js|d\.ts)$/.test(name) && !stems.has(name.replace(/\.(js|d\.ts)$/, "")))
      rmSync(join(root, "lib", name));
  }
}
