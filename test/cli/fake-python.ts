import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { FakeDisk } from "../engine/fake-runtime.js";

/**
 * A `python3` that makes environments and "installs" wheels: enough files for discovery, and a line in a journal for
 * each pip call. `FAKE_PIP_FAILURE` in its environment is what pip writes instead before it fails.
 */
export class FakePython {
  readonly bin: string;
  readonly #journal: string;

  constructor(disk: FakeDisk) {
    this.#journal = join(disk.root, "pip-calls");
    this.bin = disk.write("fake-bin", { python3: script(this.#journal), "../pip-calls": "" });
    chmodSync(join(this.bin, "python3"), 0o755);
  }

  /** The requirements of each pip call so far. */
  get calls(): string[] {
    return readFileSync(this.#journal, "utf8").split("\n").filter(Boolean);
  }
}

const script = (journal: string) => `#!/bin/bash
here=$(cd "$(dirname "$0")/.." && pwd)
case "$*" in
  "-c import sys, venv"*) echo 3.11 ;;
  "-c "*) echo "[]" ;;
  "-m venv "*)
    mkdir -p "$3/bin" "$3/lib/python3.11/site-packages"
    cp "$0" "$3/bin/python"
    echo "version = 3.11.7" > "$3/pyvenv.cfg" ;;
  *slim_torch.py*) echo "slim $2" >> ${journal} ;;
  "-m pip "*)
    shift 2
    if [ -n "$FAKE_PIP_FAILURE" ]; then echo "$FAKE_PIP_FAILURE" >&2; exit 1; fi
    echo "$*" | sed 's/ --no-compile --progress-bar off//' >> ${journal}
    site=$here/lib/python3.11/site-packages
    case "$*" in
      *tensorflow*)
        mkdir -p "$site/tensorflow" "$site/tensorflow_cpu-2.21.0.dist-info"
        touch "$site/tensorflow/__init__.py" "$site/tensorflow/libtensorflow_cc.so.2" ;;
      *torch==*)
        mkdir -p "$site/torch/lib"
        touch "$site/torch/lib/libc10.so" "$site/torch/lib/libtorch_cpu.so"
        echo "__version__ = '2.15.0+cpu'" > "$site/torch/version.py" ;;
    esac ;;
esac
`;
