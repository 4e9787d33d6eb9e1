import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findTorch } from "../../src/engine/find-torch.js";
import { elfLinkingTo } from "./elf-file.js";
import { FakeDisk } from "./fake-runtime.js";

const test = suite("findTorch");
const disk = new FakeDisk();
test.after(() => disk.remove());
const at = (path: string) => findTorch({ TANDEM_TORCH: path }).runtime;

test("reads a wheel's version, headers and libraries", () => {
  const runtime = at(disk.torchVenv("venv", "2.15.0+cpu"));
  const directory = join(disk.root, "venv/lib/python3.12/site-packages/torch");
  assert.is(runtime?.version, "2.15.0+cpu");
  assert.is(runtime?.directory, directory);
  assert.equal(runtime?.libraries, [
    join(directory, "lib/libc10.so"),
    join(directory, "lib/libtorch_cpu.so"),
  ]);
  assert.is(runtime?.headers, true);
  assert.is(runtime?.cuda, false);
  assert.is(runtime?.cxx11Abi, true);
});

test("takes an unpacked libtorch, the folder around it, or a library in it; LIBTORCH names it as well", () => {
  const around = disk.write("archive", {
    "libtorch/build-version": "2.9.1+cpu\n",
    "libtorch/lib/libc10.so": "",
    "libtorch/lib/libtorch_cpu.so": "",
    "libtorch/share/cmake/Torch/TorchConfig.cmake": 'set(TORCH_CXX_FLAGS "-D_GLIBCXX_USE_CXX11_ABI=0")\n',
  });
  for (const place of ["", "libtorch", "libtorch/lib", "libtorch/lib/libtorch_cpu.so"]) {
    assert.is(at(join(around, place))?.version, "2.9.1+cpu", place);
  }
  const found = findTorch({ LIBTORCH: join(around, "libtorch") }).runtime;
  assert.is(found?.from, "LIBTORCH");
  assert.is(found?.headers, false);
  assert.is(found?.cxx11Abi, false);
});

test("goes on past a LIBTORCH that holds nothing", () => {
  const VIRTUAL_ENV = disk.torchVenv("active", "2.15.0");
  assert.is(findTorch({ LIBTORCH: disk.root, VIRTUAL_ENV }).runtime?.from, "VIRTUAL_ENV");
});

test("has CUDA only if everything that its CUDA part links to is there", () => {
  disk.torchVenv("cuda", "2.15.0+cu132");
  const torch = join(disk.root, "cuda/lib/python3.12/site-packages/torch");
  const cuda = elfLinkingTo(
    ["libc10.so", "libtandem_cuda.so.13"],
    ["$ORIGIN/../../nvidia/cu13/lib", "$ORIGIN"],
  );
  disk.writeBytes(join(torch, "lib/libtorch_cuda.so"), cuda);
  assert.is(at(torch)?.cuda, false);
  assert.is(at(torch)?.cudaVersion, "13.2");
  assert.equal(at(torch)?.cudaMissing, ["libtandem_cuda.so.13"]);
  disk.writeBytes(join(torch, "../nvidia/cu13/lib/libtandem_cuda.so.13"), Buffer.alloc(0));
  assert.is(at(torch)?.cuda, true);
  assert.equal(at(torch)?.cudaMissing, []);
  assert.equal(
    at(torch)?.libraries.map((path) => path.slice(torch.length)),
    ["/lib/libc10.so", "/lib/libtorch_cpu.so", "/lib/libc10_cuda.so", "/lib/libtorch_cuda.so"],
  );
});

test("names the libraries without which libtorch cannot be loaded", () => {
  disk.torchVenv("incomplete", "2.15.0+cu132");
  const torch = join(disk.root, "incomplete/lib/python3.12/site-packages/torch");
  disk.writeBytes(
    join(torch, "lib/libtorch_cpu.so"),
    elfLinkingTo(["libc10.so", "libtandem_cudart.so.13"], ["$ORIGIN"]),
  );
  assert.equal(at(torch)?.missing, ["libtandem_cudart.so.13"]);
});

test.run();
