"""Runs with made-up inputs, so that no request pays for compilation."""

import gc
import logging
import math
import weakref

import torch

from .arena import aligned, tensor_at
from .errors import describe

log = logging.getLogger("tandem_host")

#: For a variable dimension: large enough for a net that halves an image a few times, small enough for any sequence.
VARIABLE_SIZE = 32

#: Batches that are larger run what was compiled for this many rows.
MOST_ROWS = 32


def warm_up_rows(max_batch_size):
    """Batch sizes to try, None without batches. torch.compile makes one program for the size 1 and one for all others,
    or two where an operation goes another way for large ones; the largest comes first, since what is compiled
    for it is planned for many rows. At least two: TorchScript watches the first run and optimises in the second."""
    if max_batch_size == 0:
        return [None, None]
    sizes = sorted({1, min(2, max_batch_size), min(MOST_ROWS, max_batch_size)}, reverse=True)
    return sizes if len(sizes) > 1 else sizes * 2


def made_up_inputs(memory, specs, rows):
    """Tensors of the configured shapes over `memory`, see `made_up_bytes`."""
    inputs = []
    offset = 0
    for spec in specs:
        shape = made_up_shape(spec.dims, rows)
        inputs.append(tensor_at(memory, spec.dtype, shape, offset))
        offset += aligned(_byte_size(spec, shape))
    return inputs


def made_up_bytes(specs, rows):
    """Zeros, as many as the inputs take."""
    return bytearray(sum(aligned(_byte_size(spec, made_up_shape(spec.dims, rows))) for spec in specs))


def made_up_shape(dims, rows):
    inner = dims if rows is None else dims[1:]
    outer = [] if rows is None else [rows]
    return outer + [VARIABLE_SIZE if dim < 0 else dim for dim in inner]


def _byte_size(spec, shape):
    return math.prod(shape) * spec.dtype.itemsize


def mark_variable(tensors, specs):
    """Tells torch.compile which dimensions vary, so that it does not make a program for each size."""
    for tensor, spec in zip(tensors, specs):
        for index, dim in enumerate(spec.dims):
            # A dimension of 1 is compiled for by itself anyway.
            if dim < 0 and tensor.shape[index] > 1:
                torch._dynamo.maybe_mark_dynamic(tensor, index)


def warm_up(model, request):
    """Runs a model for each of `warm_up_rows`, and finds out whether it keeps its inputs.

    A model that refuses made-up inputs is not an error: its first requests warm it up.
    """
    runs = []
    for rows in warm_up_rows(request.max_batch_size):
        memory = memoryview(made_up_bytes(request.inputs, rows))
        runs.append(weakref.ref(memory))
        try:
            _run(model, request, made_up_inputs(memory, request.inputs, rows))
        except (Exception, SystemExit) as error:
            log.info(
                "'%s' was not warmed up: it refuses zeros of the shapes %s. Its first requests may take longer; "
                "a sample in model_warmup avoids that. %s",
                request.model_name,
                ", ".join(str(made_up_shape(spec.dims, rows)) for spec in request.inputs),
                describe(error),
            )
            break
        finally:
            del memory
    # What compiling has left would look like inputs that the model keeps.
    gc.collect()
    if any(memory() is not None for memory in runs):
        model.keeps_inputs = True


def _run(model, request, inputs):
    inputs = [tensor.to(model.device) for tensor in inputs]
    if model.is_compiled and "dynamic" not in request.compile_options:
        mark_variable(inputs, request.inputs)
    model(inputs)
    model.finish()
