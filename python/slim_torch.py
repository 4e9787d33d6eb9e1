"""Lets ``import torch`` work in an environment where torch was installed without CUDA's libraries.

PyPI's torch for Linux links to three gigabytes of CUDA libraries that a computer without an NVIDIA GPU never calls, but
whose names the dynamic loader wants to see. Here each of them becomes an empty library of that name, loaded before
torch; functions are bound lazily, so nobody notices as long as nobody calls CUDA.

    python slim_torch.py --install   into the environment of this interpreter; removes itself where torch is complete
    python slim_torch.py --remove

Installed are ``tandem_slim_torch/`` (this file and the stubs) and ``tandem_slim_torch.pth``, which Python runs at
start: it puts one finder in front, which acts on the first ``import torch`` and then goes away. Only for Python:
Tandem's addons link to none of these libraries.
"""

import os
import sys

PACKAGE = "tandem_slim_torch"

#: Libraries of which torch uses a variable, which lazy binding does not help with: (version node, variables).
DATA_SYMBOLS = {"libnvshmem_host.so": ("NVSHMEM", ["nvshmem_selected_device_transport"])}


class SlimTorchFinder:
    """Loads the stubs on the first ``import torch``, and torch's own extension with lazy binding; then goes away."""

    def __init__(self, stub_folder):
        self._stub_folder = stub_folder

    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            self._load_stubs()
        elif name == "torch._C":
            sys.meta_path.remove(self)
            return self._lazily_bound(name, path)
        return None

    def _load_stubs(self):
        import ctypes

        for file in sorted(os.listdir(self._stub_folder)):
            ctypes.CDLL(os.path.join(self._stub_folder, file), mode=ctypes.RTLD_GLOBAL)

    def _lazily_bound(self, name, path):
        from importlib.machinery import ExtensionFileLoader, PathFinder

        class LazyBindingLoader(ExtensionFileLoader):
            def create_module(self, spec):
                # For this one module: what else is loaded lazily may bind to another library's function of that name
                # later, as _hashlib does to TensorFlow's copy of OpenSSL.
                flags = sys.getdlopenflags()
                sys.setdlopenflags(os.RTLD_LAZY)
                try:
                    return super().create_module(spec)
                finally:
                    sys.setdlopenflags(flags)

        spec = PathFinder.find_spec(name, path)
        if spec is not None and isinstance(spec.loader, ExtensionFileLoader):
            spec.loader = LazyBindingLoader(spec.name, spec.origin)
        return spec


def activate():
    """Called by the .pth file at interpreter start."""
    sys.meta_path.insert(0, SlimTorchFinder(os.path.join(os.path.dirname(os.path.abspath(__file__)), "stubs")))


def install():
    """Makes the stubs that this environment's torch needs; none needed: removes what an earlier set-up left."""
    import shutil
    import sysconfig

    site_packages = sysconfig.get_paths()["platlib"]
    missing = missing_libraries(os.path.join(site_packages, "torch", "lib"), site_packages)
    remove()
    if not missing:
        print("torch is complete")
        return
    package = os.path.join(site_packages, PACKAGE)
    stubs = os.path.join(package, "stubs")
    os.makedirs(stubs)
    shutil.copyfile(os.path.abspath(__file__), os.path.join(package, "__init__.py"))
    for soname in missing:
        build_stub(soname, stubs)
    with open(os.path.join(site_packages, PACKAGE + ".pth"), "w") as file:
        file.write(f"import {PACKAGE}; {PACKAGE}.activate()\n")
    print("stubs for " + ", ".join(missing))


def remove():
    import shutil
    import sysconfig

    site_packages = sysconfig.get_paths()["platlib"]
    pth = os.path.join(site_packages, PACKAGE + ".pth")
    if os.path.exists(pth):
        os.remove(pth)
    shutil.rmtree(os.path.join(site_packages, PACKAGE), ignore_errors=True)


def missing_libraries(torch_lib, site_packages):
    """Sonames that ``import torch`` asks for, directly or through torch's own libraries, and that are nowhere."""
    import ctypes
    import glob

    beside = {}
    for folder in [torch_lib, *glob.glob(os.path.join(site_packages, "nvidia", "*", "lib"))]:
        for file in os.listdir(folder):
            beside.setdefault(file, os.path.join(folder, file))
    todo = ["libtorch_python.so", "libtorch_global_deps.so"]
    seen, missing = set(todo), []
    while todo:
        name = todo.pop()
        if name in beside:
            for needed in read_needed(beside[name]):
                if needed not in seen:
                    seen.add(needed)
                    todo.append(needed)
        elif not name.startswith("ld-linux"):
            try:
                ctypes.CDLL(name)
            except OSError:
                missing.append(name)
    return sorted(missing)


def read_needed(path):
    """The DT_NEEDED entries of a 64-bit little-endian ELF file."""
    import struct

    with open(path, "rb") as file:

        def read(offset, length):
            file.seek(offset)
            return file.read(length)

        header = read(0, 64)
        if header[:6] != b"\x7fELF\x02\x01":
            return []
        table, entry_size, count = struct.unpack_from("<Q", header, 32)[0], *struct.unpack_from("<HH", header, 54)
        segments = [struct.unpack("<IIQQQQ", read(table + i * entry_size, 40)) for i in range(count)]
        entries = []
        for kind, _, offset, _, _, length in segments:
            if kind == 2:  # PT_DYNAMIC
                entries = list(struct.iter_unpack("<QQ", read(offset, length)))
        address = next((value for tag, value in entries if tag == 5), 0)  # DT_STRTAB
        strings = next(
            (address - start + offset for kind, _, offset, start, _, length in segments
             if kind == 1 and start <= address < start + length),
            0,
        )
        return [read(strings + value, 512).split(b"\0")[0].decode() for tag, value in entries if tag == 1]


def build_stub(soname, folder):
    """Compiles an empty shared library of that name."""
    import subprocess
    import tempfile

    name = soname[: soname.index(".so") + 3]
    node, variables = DATA_SYMBOLS.get(name, (None, []))
    with tempfile.TemporaryDirectory() as work:
        source = os.path.join(work, "stub.c")
        with open(source, "w") as file:
            file.write("".join(f"void *{variable}[64];\n" for variable in variables) or "typedef int empty;\n")
        command = [os.environ.get("CC", "cc"), "-shared", "-fPIC", "-nostdlib", f"-Wl,-soname,{soname}", source]
        if node:
            script = os.path.join(work, "versions")
            with open(script, "w") as file:
                file.write(f"{node} {{ global: *; }};\n")
            command.append(f"-Wl,--version-script={script}")
        subprocess.run([*command, "-o", os.path.join(folder, soname)], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--install"]:
        install()
    elif sys.argv[1:] == ["--remove"]:
        remove()
    else:
        sys.exit(__doc__)
