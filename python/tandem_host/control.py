"""The control socket: one message in, the host's messages out."""

import json
import os
import socket
import threading

DESCRIPTOR = 3


class Control:
    def __init__(self, descriptor=DESCRIPTOR):
        self._socket = socket.socket(fileno=descriptor)
        self._socket.set_inheritable(False)
        self._sending = threading.Lock()

    def receive_load(self):
        """The server's only message: what to load, as a dict; None if the server is gone."""
        received = b""
        while not received.endswith(b"\n"):
            part = self._socket.recv(1 << 16)
            if not part:
                return None
            received += part
        return json.loads(received)

    def send(self, message):
        """Sends a dict as a line; may be called from any thread."""
        line = json.dumps(message).encode() + b"\n"
        with self._sending:
            self._socket.sendall(line)

    def wait_for_end(self):
        """Returns when the server has closed its side, or ended."""
        try:
            while self._socket.recv(1 << 16):
                pass
        except OSError as error:
            os.write(2, f"control socket: {error}\n".encode())
