import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import { runPython } from "../support/python.js";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");

/** What is tested of python/ is said in Python, a file for each of its parts. */
for (const file of readdirSync(here).filter((name) => /^test_.*\.py$/.test(name))) {
  test(`python/tandem_host: ${file}`, () => {
    runPython(join(here, file), [], {
      PYTHONPATH: join(root, "python"),
      TORCHINDUCTOR_CACHE_DIR: join(root, ".cache/torchinductor"),
    });
  });
}

test.run();
