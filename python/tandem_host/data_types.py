"""Triton's data types, by their numbers in the protocol, and torch's."""

import torch

_NAMES = {
    1: ("BOOL", "bool"),
    2: ("UINT8", "uint8"),
    3: ("UINT16", "uint16"),
    4: ("UINT32", "uint32"),
    5: ("UINT64", "uint64"),
    6: ("INT8", "int8"),
    7: ("INT16", "int16"),
    8: ("INT32", "int32"),
    9: ("INT64", "int64"),
    10: ("FP16", "float16"),
    11: ("FP32", "float32"),
    12: ("FP64", "float64"),
    14: ("BF16", "bfloat16"),
}

#: By Triton's number. Old versions of torch lack the larger unsigned ones.
TORCH_TYPES = {number: getattr(torch, name) for number, (_, name) in _NAMES.items() if hasattr(torch, name)}
NUMBERS = {dtype: number for number, dtype in TORCH_TYPES.items()}


def config_name(dtype):
    """What model configurations call a type of torch's: TYPE_FP32; torch's own name where they have none."""
    number = NUMBERS.get(dtype)
    return str(dtype) if number is None else f"TYPE_{_NAMES[number][0]}"
