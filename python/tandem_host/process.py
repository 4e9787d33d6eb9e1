"""The host as a process: it ends with its server, and nothing that it started outlives it."""

import ctypes
import os
import signal
import threading

_PR_SET_PDEATHSIG = 1


def tie_to_server():
    """Has this process end with the server even while a model keeps Python's lock for ever, so that nobody reads the
    control socket. A group of its own takes compilers and workers that a model starts along, and keeps the
    terminal's Ctrl-C away, which the server answers in its own time."""
    libc = ctypes.CDLL(None)
    # The kernel's signal of the server's end calls libc's alarm(1), its number being 1: no Python is run. That leaves a
    # second to whoever reads the socket, who can end the whole group, and is the end of this process if nobody does.
    libc.signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    libc.signal(signal.SIGHUP, ctypes.cast(libc.alarm, ctypes.c_void_p))
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGHUP)
    if os.getpgrp() != os.getpid():
        os.setpgrp()


def end_with(control):
    """Ends this process and all it started, whatever they are doing, as soon as the control socket ends."""

    def watch():
        control.wait_for_end()
        os.killpg(os.getpid(), signal.SIGKILL)

    thread = threading.Thread(target=watch, name="control", daemon=True)
    thread.start()
    return thread
