"""The server's side of docs/host-protocol.md, as far as a test of the host needs it."""

import json
import mmap
import os
import socket
import struct
import subprocess
import sys
import threading
from array import array
from pathlib import Path

import torch

HOST = Path(__file__).resolve().parents[2] / "python" / "tandem_host"

sys.path.insert(0, str(HOST.parent))
from tandem_host.data_types import NUMBERS, TORCH_TYPES  # noqa: E402
from tandem_host.load_request import LoadRequest  # noqa: E402
from tandem_host.serving import start_instances  # noqa: E402

EXECUTE, DONE, FAILED, NO_ROOM, MORE_ROOM = 1, 2, 3, 4, 5

#: Where outputs go, and how many bytes there are for them.
OUTPUT_OFFSET = 1 << 20
ARENA_BYTES = 2 << 20


class Refused(Exception):
    """What the host answered in place of outputs."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class FakeInstances:
    """The server's ends of a model's instances."""

    def __init__(self, count):
        self.instances = [_Instance() for _ in range(count)]

    def infer(self, inputs, wanted=(0,), instance=0, **options):
        return self.instances[instance].infer(inputs, wanted, **options)

    def send(self, inputs):
        """Starts an execution, and leaves its answer alone."""
        self.instances[0].send(inputs, [0])

    def close(self):
        for instance in self.instances:
            instance.close()


class FakeServer(FakeInstances):
    """A host in a process of its own, and what it has told. `request` is the load message's; see `load_request`."""

    def __init__(self, request, env=None):
        super().__init__(len(request["instances"]))
        self.messages = []
        self._control, theirs = socket.socketpair()
        inherited = [theirs.fileno()]
        for instance in self.instances:
            inherited += [instance.theirs.fileno(), instance.arena]
        self.process = _spawn(inherited, env)
        theirs.close()
        for instance in self.instances:
            instance.theirs.close()
        load = {"type": "load", "instances": len(self.instances), "request": request}
        self._control.sendall(json.dumps(load).encode() + b"\n")
        self._lines = self._control.makefile("r")
        #: Whether it was loaded, or why not.
        self.outcome = next((m for m in self._read() if m["type"] in ("loaded", "failed")), None)
        self._rest = threading.Thread(target=lambda: list(self._read()))
        self._rest.start()

    def _read(self):
        for line in self._lines:
            message = json.loads(line)
            self.messages.append(message)
            yield message

    def logged(self, level):
        return [m["message"] for m in self.messages if m["type"] == "log" and m["level"] == level]

    def close(self):
        """Ends the host; returns what it printed. Idempotent."""
        if self._control.fileno() < 0:
            return ""
        self._control.shutdown(socket.SHUT_WR)
        printed, _ = self.process.communicate(timeout=20)
        self._rest.join()
        self._lines.close()
        self._control.close()
        super().close()
        return printed


def start_here(request):
    """The instances of a host in this process, where torch is already loaded."""
    server = FakeInstances(len(request["instances"]))
    descriptors = [(os.dup(each.theirs.fileno()), os.dup(each.arena)) for each in server.instances]
    for instance in server.instances:
        instance.theirs.close()
    start_instances(LoadRequest(request), descriptors)
    return server


class _Instance:
    def __init__(self):
        self.socket, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.arena = os.memfd_create("arena")
        self._size = 0
        self._grow(ARENA_BYTES)
        self.retained = None
        self.timings = None

    def infer(self, inputs, wanted, **options):
        """The outputs wanted, copied. An input of None is absent."""
        self.send(inputs, wanted, **options)
        return self._answer(len(wanted))

    def send(self, inputs, wanted, capacity=ARENA_BYTES - OUTPUT_OFFSET):
        packet = [EXECUTE, self._size, OUTPUT_OFFSET, capacity, len(wanted), *wanted, len(inputs)]
        offset = 0
        for tensor in inputs:
            if tensor is None:
                packet += [0, 0, 0, 0, 0]
                continue
            tensor = tensor.contiguous()
            size = tensor.numel() * tensor.element_size()
            assert offset + size <= OUTPUT_OFFSET
            self.map[offset : offset + size] = tensor.flatten().view(torch.uint8).numpy().tobytes() if size else b""
            packet += [1, NUMBERS[tensor.dtype], offset, size, tensor.dim(), *tensor.shape]
            offset += (size + 63) // 64 * 64
        self.socket.send(array("q", packet))

    def _answer(self, count):
        received = self.socket.recv(1 << 18)
        kind = struct.unpack_from("<q", received)[0] if received else None
        if kind == NO_ROOM:
            offset, (needed,) = self._size, struct.unpack_from("<q", received, 8)
            self._grow(offset + needed)
            self.socket.send(array("q", [MORE_ROOM, self._size, offset, needed]))
            return self._answer(count)
        if kind == FAILED:
            code, size = struct.unpack_from("<qq", received, 8)
            text = received[24:].decode()
            assert len(received) == 24 + size
            raise Refused(code, text)
        assert kind == DONE, received
        numbers = memoryview(received).cast("q").tolist()
        self.timings = numbers[1:5]
        self.retained, given = numbers[5:7]
        assert given == count
        at = 7
        outputs = []
        for _ in range(given):
            data_type, offset, size, rank = numbers[at : at + 4]
            shape = numbers[at + 4 : at + 4 + rank]
            at += 4 + rank
            assert offset % 64 == 0
            flat = torch.frombuffer(bytearray(self.map[offset : offset + size]) or bytearray(1), dtype=torch.uint8)
            flat = flat[:size].view(TORCH_TYPES[data_type])
            outputs.append(flat.view(shape))
        assert at == len(numbers)
        return outputs

    def _grow(self, size):
        size = (size + 4095) // 4096 * 4096
        os.ftruncate(self.arena, size)
        self.map = mmap.mmap(self.arena, size)
        self._size = size

    def close(self):
        self.socket.close()
        os.close(self.arena)


def _spawn(inherited, env):
    """Starts the host with `inherited` as its descriptors 3, 4, 5, …"""

    def place():
        # First out of the way, since a number may be both source and target.
        copies = [os.dup2(fd, 200 + index) for index, fd in enumerate(inherited)]
        for index, fd in enumerate(copies):
            os.dup2(fd, 3 + index)
            os.close(fd)

    return subprocess.Popen(
        [sys.executable, "-u", str(HOST)],
        preexec_fn=place,
        close_fds=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {})},
    )


def tensor_spec(name, dtype, dims):
    return {"name": name, "dataType": NUMBERS[dtype], "dims": dims}


def load_request(path, inputs, outputs, instances=1, **more):
    """The request of a model on the CPU that is not compiled, unless `more` says otherwise."""
    return {
        "modelName": "net",
        "path": str(path),
        "maxBatchSize": 8,
        "inputs": [tensor_spec(*each) for each in inputs],
        "outputs": [tensor_spec(*each) for each in outputs],
        "instances": [{"name": f"net_0_{i}", "kind": "KIND_CPU", "device": 0} for i in range(instances)],
        "threads": 1,
        "interopThreads": 1,
        "compile": False,
        "compileOptions": {},
        "function": "",
        **more,
    }
