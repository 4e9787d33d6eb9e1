"""The life of a host: it is told what to load, loads and warms it up, and runs batches until the server goes."""

import faulthandler
import os
import sys

from .control import Control
from .errors import INTERNAL, ModelError, describe
from .log_messages import redirect_logging
from .process import end_with, tie_to_server

#: Instance i has this descriptor + 2i for its socket and the next one for its memory.
_FIRST_CHANNEL = 4


def main():
    tie_to_server()
    faulthandler.enable()
    control = Control()
    message = control.receive_load()
    if message is None:
        return
    watcher = end_with(control)
    control.send({"type": "started"})
    redirect_logging(control)
    # Compiling in worker processes would leave them behind.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    try:
        details = _start(message["request"])
    except ModelError as error:
        _fail(control, error.code, str(error))
    except BaseException as error:
        _fail(control, INTERNAL, f"failed to load the model in Python:\n{describe(error)}")
    control.send({"type": "loaded", "details": details})
    watcher.join()


def _start(request):
    try:
        import torch  # noqa: F401
    except Exception as error:
        raise ModelError(f"the Python environment in {sys.prefix} cannot import torch:\n{describe(error)}") from error
    from .load_request import LoadRequest
    from .serving import set_threads, start_instances

    load = LoadRequest(request)
    set_threads(load)
    count = len(load.instances)
    return start_instances(load, [(_FIRST_CHANNEL + 2 * i, _FIRST_CHANNEL + 2 * i + 1) for i in range(count)])


def _fail(control, code, message):
    control.send({"type": "failed", "code": code, "message": message})
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
