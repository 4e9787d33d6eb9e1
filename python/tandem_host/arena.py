"""Shared memory in which a batch's tensors lie, seen as torch tensors."""

import mmap
import os

import torch

ALIGNMENT = 64


class Arena:
    """The memory of one instance. It only grows; what was mapped before stays mapped as long as a tensor shows it."""

    def __init__(self, descriptor):
        os.set_inheritable(descriptor, False)
        self._descriptor = descriptor
        self._size = 0
        self._map = None

    def grow(self, size):
        """Makes the first `size` bytes reachable."""
        if size > self._size:
            self._map = mmap.mmap(self._descriptor, size)
            self._size = size

    def view(self):
        """All of the memory. Tensors made of a view keep it alive, and so do their views and numpy arrays."""
        return memoryview(self._map)

    def close(self):
        """What is mapped stays as long as a tensor shows it."""
        os.close(self._descriptor)


def tensor_at(view, dtype, shape, offset):
    """A tensor over part of `view`: nothing is copied."""
    count = 1
    for dimension in shape:
        count *= dimension
    if count == 0:
        return torch.empty(shape, dtype=dtype)
    return torch.frombuffer(view, dtype=dtype, count=count, offset=offset).view(shape)


def room_for(tensors):
    """Bytes that tensors take in an arena."""
    return sum(aligned(tensor.numel() * tensor.element_size()) for tensor in tensors)


def aligned(byte_size):
    return (byte_size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
