#!/usr/bin/env bash
# Installs a real tritonserver (2.51, Python backend) as a peer for bench/http.ts, from nvidia-pytriton's wheel on PyPI.
#   peer-tritonserver.sh DIR PYTHON     about 400 MB into DIR; PYTHON is a 3.11 that can import tensorflow. Idempotent.
# Linux on x86-64. Start: DIR/tritonserver --model-repository=REPO --http-port=9000 ...
set -euo pipefail
mkdir -p "$1"
dir=$(cd "$1" && pwd)
python=$2
cd "$dir"

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$version" = 3.11 ] || { echo "the peer needs Python 3.11 with tensorflow, $python is $version" >&2; exit 1; }

server=triton/pytriton/tritonserver
if [ ! -x $server/bin/tritonserver ]; then
  "$python" -m pip download -q --no-deps --only-binary=:all: -d wheels nvidia-pytriton==0.7.0
  mkdir -p triton
  "$python" -m zipfile -e wheels/nvidia_pytriton-0.7.0-*.whl triton
  rm -r wheels
  chmod +x $server/bin/tritonserver
fi
if [ ! -d backends/python ]; then
  mkdir -p backends
  cp -r $server/backends/python backends/
  cp $server/python_backend_stubs/3.11/triton_python_backend_stub backends/python/
  chmod +x backends/python/*
fi

# This release of the Python backend reads numpy arrays by numpy 1's layout; the rest comes from the runtime's packages.
if [ ! -d python/lib/python3.11/site-packages/numpy ]; then
  "$python" -m venv --without-pip python
  "$python" -m pip install -q --no-deps --target python/lib/python3.11/site-packages numpy==1.26.4
fi
"$python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' > python/lib/python3.11/site-packages/runtime.pth

cat > tritonserver <<START
#!/bin/sh
export PATH="$dir/python/bin:\$PATH" LD_LIBRARY_PATH="$dir/triton/nvidia_pytriton.libs"
exec "$dir/$server/bin/tritonserver" --backend-directory="$dir/backends" "\$@"
START
chmod +x tritonserver
