import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder of empty files that look like an installation; removed with `remove()`. */
export class FakeDisk {
  readonly root = mkdtempSync(join(tmpdir(), "tandem-disk-"));

  /** Writes files, given by path and content; an array stands for empty files. Answers with the folder's path. */
  write(folder: string, files: Readonly<Record<string, string>> | readonly string[]): string {
    const entries = Array.isArray(files) ? files.map((name: string) => [name, ""]) : Object.entries(files);
    for (const [name, content] of entries as [string, string][]) {
      const path = join(this.root, folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    return join(this.root, folder);
  }

  writeBytes(path: string, bytes: Uint8Array): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }

  /** A Python environment with a TensorFlow wheel in it. */
  tensorflowVenv(folder: string, version: string, cuda = false): string {
    return this.write(folder, {
      "pyvenv.cfg": "home = /nowhere/bin\ninclude-system-site-packages = false\nversion = 3.11.7\n",
      "lib/python3.11/site-packages/tensorflow/__init__.py": "",
      "lib/python3.11/site-packages/tensorflow/libtensorflow_cc.so.2": "",
      "lib/python3.11/site-packages/tensorflow/libtensorflow_framework.so.2": "",
      "lib/python3.11/site-packages/tensorflow/python/platform/build_info.py": `build_info = OrderedDict([('is_cuda_build', ${cuda ? "True" : "False"})])\n`,
      [`lib/python3.11/site-packages/tensorflow_cpu-${version}.dist-info/METADATA`]: "",
    });
  }

  /** A Python environment with a torch wheel in it. */
  torchVenv(folder: string, version: string): string {
    const torch = "lib/python3.12/site-packages/torch";
    return this.write(folder, {
      "pyvenv.cfg": "home = /nowhere/bin\nversion = 3.12.1\n",
      [`${torch}/version.py`]: `__version__ = '${version}'\ncuda: Optional[str] = '13.2'\n`,
      [`${torch}/lib/libc10.so`]: "",
      [`${torch}/lib/libtorch_cpu.so`]: "",
      [`${torch}/include/torch/csrc/jit/api/module.h`]: "",
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
