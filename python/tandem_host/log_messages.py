"""What a model prints and logs, on its way to the server's log."""

import logging
import sys


class ControlLogHandler(logging.Handler):
    """Sends each record of Python's `logging` as a message over the control socket."""

    def __init__(self, control):
        super().__init__()
        self._control = control

    def emit(self, record):
        try:
            self._control.send({"type": "log", "level": level_name(record.levelno), "message": self.format(record)})
        except Exception:
            self.handleError(record)


def level_name(number):
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warn"
    return "info" if number >= logging.INFO else "debug"


def redirect_logging(control):
    """From here on, `logging` and `warnings` go to the server's log from level INFO on. What is printed goes there by
    itself, whole lines at once, so that those of several threads do not mix."""
    root = logging.getLogger()
    root.addHandler(ControlLogHandler(control))
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    # Whenever something is compiled it misses the Triton compiler, which only GPUs have a use for.
    logging.getLogger("torch.utils.flop_counter").setLevel(logging.ERROR)
    sys.stdout.reconfigure(line_buffering=True, write_through=False)
    sys.stderr.reconfigure(line_buffering=True, write_through=False)
