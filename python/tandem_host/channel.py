"""The packets of an instance's batches, as lists of integers."""

import socket
from array import array

from .errors import shortened

EXECUTE, DONE, FAILED, NO_ROOM, MORE_ROOM = 1, 2, 3, 4, 5

#: More than any packet: the server's refer to tensors, and hold none.
_LARGEST_PACKET = 1 << 18


class Batch:
    """What a packet asks to run."""

    __slots__ = ("arena_size", "output_offset", "output_capacity", "wanted", "inputs")

    def __init__(self, numbers):
        _, self.arena_size, self.output_offset, self.output_capacity, count = numbers[:5]
        at = 5 + count
        #: Positions of outputs, in the order in which they are to be given.
        self.wanted = numbers[5:at]
        #: For each input (data type, shape, offset), None where it is absent.
        self.inputs = []
        inputs = numbers[at]
        at += 1
        for _ in range(inputs):
            present, data_type, offset, _, rank = numbers[at : at + 5]
            at += 5 + rank
            self.inputs.append((data_type, numbers[at - rank : at], offset) if present else None)


class Channel:
    def __init__(self, descriptor):
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._buffer = bytearray(_LARGEST_PACKET)
        self._view = memoryview(self._buffer)

    def receive(self):
        """The next packet's integers; None if there will be none any more."""
        size = self._socket.recv_into(self._buffer)
        return self._view[:size].cast("q").tolist() if size > 0 else None

    def send(self, numbers):
        self._socket.send(array("q", numbers))

    def send_failed(self, code, message):
        text = shortened(message).encode(errors="replace")
        self._socket.send(array("q", (FAILED, code, len(text))).tobytes() + text)

    def close(self):
        self._socket.close()
