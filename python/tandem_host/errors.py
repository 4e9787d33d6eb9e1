"""Errors of models, and how they are told to people."""

import itertools
import os
import sys
import traceback

INVALID_ARGUMENT = 3
INTERNAL = 13

#: Longest text told of an error, in characters: it travels in one packet.
LONGEST = 16_000

class ModelError(Exception):
    """What is wrong with a model, in words for its author; `code` is a gRPC code."""

    def __init__(self, message, code=INVALID_ARGUMENT):
        super().__init__(message)
        self.code = code


def describe(error):
    """An exception with its traceback as Python prints it, beginning where the model's own code does."""
    report = traceback.TracebackException.from_exception(error)
    _begin_at_model(report)
    return "".join(report.format()).rstrip()


def shortened(text):
    """At most LONGEST characters: the beginning says what was being done, the end what happened."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 4]} … {text[-LONGEST * 3 // 4 + 3 :]}"


def _begin_at_model(report):
    if report is None:
        return
    report.stack[:] = itertools.dropwhile(_is_before_model, report.stack)
    _begin_at_model(report.__cause__)
    _begin_at_model(report.__context__)


def _is_before_model(frame):
    return frame.filename.startswith(("<frozen importlib", *_folders_before_model()))


def _folders_before_model():
    """Of the host, and of torch once it is there: a module's forward is reached through much of it."""
    files = [__file__, *(sys.modules[name].__file__ for name in ("torch",) if name in sys.modules)]
    return [os.path.dirname(os.path.abspath(file)) + os.sep for file in files]
