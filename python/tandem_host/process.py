"""The host as a process: it ends with its server, and nothing that it started outlives it."""

import ctypes
import os
import signal
import threading

_PR_SET_PDEATHSIG = 1


def tie_to_server():
    """Has the kernel end this process with the server, even while a model blocks Python for ever; the control socket is
    what tells of any other end. A group of its own takes compilers and workers that a model starts along, and keeps
    the terminal's Ctrl-C, which the server answers in its own time, away."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
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
