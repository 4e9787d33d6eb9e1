"""Errors of models, and how they are told to people."""

import os
import traceback

INVALID_ARGUMENT = 3
INTERNAL = 13

#: Longest text told of an exception: it travels in one packet.
MAX_CHARACTERS = 16_000

_OWN_FOLDER = os.path.dirname(os.path.abspath(__file__)) + os.sep


class ModelError(Exception):
    """What is wrong with a model, in words for its author; `code` is a gRPC code."""

    def __init__(self, message, code=INVALID_ARGUMENT):
        super().__init__(message)
        self.code = code


def describe(error):
    """An exception with its traceback as Python prints it, without the frames that lie between the host and the model."""
    report = traceback.TracebackException.from_exception(error, compact=True)
    _drop_frames(report)
    text = "".join(report.format()).rstrip()
    # The end says what happened.
    return text if len(text) <= MAX_CHARACTERS else f"…{text[-MAX_CHARACTERS:]}"


def _drop_frames(report):
    while report is not None:
        own = [frame for frame in report.stack if _is_foreign(frame.filename)]
        report.stack[:] = own
        report = report.__cause__ or report.__context__


def _is_foreign(filename):
    return not filename.startswith((_OWN_FOLDER, "<frozen importlib"))
