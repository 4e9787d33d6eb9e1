"""What a module returned, as the outputs of the model's configuration."""

from collections.abc import Mapping

import torch

from .data_types import config_name
from .errors import INTERNAL, ModelError


def named_outputs(returned, specs, wanted):
    """The tensors of the outputs wanted.

    returned: a tensor; a list or tuple, in the order of the configuration; a dict by output names
    specs: the configuration's outputs
    wanted: positions in specs
    Raises ModelError where they are not what the configuration says.
    """
    if isinstance(returned, Mapping):
        return [_checked(_entry(returned, specs[position]), specs[position]) for position in wanted]
    given = returned if isinstance(returned, (list, tuple)) else [returned]
    if len(given) < len(specs):
        raise _wrong(f"the model gives {len(given)} output(s), its configuration has {len(specs)}: {_names(specs)}")
    return [_checked(given[position], specs[position]) for position in wanted]


def _entry(returned, spec):
    if spec.name in returned:
        return returned[spec.name]
    raise _wrong(f"the model gives no output '{spec.name}', it gives: {', '.join(map(str, returned))}")


def _checked(tensor, spec):
    if not isinstance(tensor, torch.Tensor):
        raise _wrong(
            f"output '{spec.name}' must be a tensor, got {type(tensor).__name__}; a model returns a tensor, a list or "
            "tuple of tensors, or a dict of tensors by output names"
        )
    if tensor.layout != torch.strided or tensor.is_quantized:
        raise _wrong(f"output '{spec.name}' must be a dense tensor, got {tensor.layout} of {tensor.dtype}")
    if tensor.dim() == 0:
        raise _wrong(f"output '{spec.name}' is a scalar which is not supported.")
    if tensor.dtype != spec.dtype:
        raise _wrong(
            f"configuration expects datatype {config_name(spec.dtype)} for output '{spec.name}', "
            f"model provides {config_name(tensor.dtype)}"
        )
    return tensor


def _names(specs):
    return ", ".join(spec.name for spec in specs)


def _wrong(message):
    return ModelError(message, INTERNAL)
