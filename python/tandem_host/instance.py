"""An instance: a thread that runs the batches of one socket, one at a time."""

import os
import threading
import time
import weakref
from concurrent.futures import Future
from contextlib import closing

import torch

from .arena import aligned, room_for, tensor_at
from .channel import DONE, NO_ROOM, Batch
from .data_types import NUMBERS, TORCH_TYPES
from .errors import INTERNAL, ModelError, describe
from .outputs import named_outputs
from .warm_up import warm_up


class Instance:
    def __init__(self, name, model, request, channel, arena):
        self._name = name
        self._model = model
        self._request = request
        self._channel = channel
        self._arena = arena

    def start(self):
        """Returns when it is warm and takes batches. Raises what warming up raised."""
        warm = Future()
        threading.Thread(target=self._run, args=[warm], name=self._name, daemon=True).start()
        warm.result()

    def _run(self, warm):
        try:
            # torch counts its threads for each thread that runs operations.
            torch.set_num_threads(self._request.threads)
            with closing(self._channel), closing(self._arena), self._model.scope():
                warm_up(self._model, self._request)
                warm.set_result(None)
                while (packet := self._channel.receive()) is not None:
                    self._execute(packet)
        except BaseException as error:
            if not warm.done():
                warm.set_exception(error)
                return
            # The server would wait for an answer.
            os.write(2, f"{self._name} ended: {describe(error)}\n".encode())
            os._exit(1)

    def _execute(self, packet):
        started = time.monotonic_ns()
        batch = Batch(packet)
        self._arena.grow(batch.arena_size)
        try:
            outputs, inputs_ready, still_used = self._forward(batch)
        except ModelError as error:
            self._channel.send_failed(error.code, f"failed to execute model '{self._request.model_name}': {error}")
            return
        except BaseException as error:
            text = f"PyTorch execute failure: model '{self._request.model_name}': {error}\n{describe(error)}"
            self._channel.send_failed(INTERNAL, text)
            return
        outputs_start = time.monotonic_ns()
        written = self._write(outputs, batch)
        if written is None:
            return
        del outputs
        retained = still_used() is not None
        if retained:
            self._model.keeps_inputs = True
        times = (started, inputs_ready, outputs_start, time.monotonic_ns())
        self._channel.send([DONE, *times, int(retained), len(batch.wanted), *written])

    def _forward(self, batch):
        """Outputs, the time at which the inputs were there, and a reference that is dead once nothing uses them."""
        memory = self._arena.view()
        inputs = [self._input(memory, each) for each in batch.inputs]
        inputs_ready = time.monotonic_ns()
        returned = self._model(inputs)
        outputs = named_outputs(returned, self._request.outputs, batch.wanted)
        self._model.finish()
        return outputs, inputs_ready, weakref.ref(memory)

    def _input(self, memory, given):
        if given is None:
            return None
        data_type, shape, offset = given
        tensor = tensor_at(memory, TORCH_TYPES[data_type], shape, offset)
        if self._model.device.type != "cpu":
            return tensor.to(self._model.device)
        return tensor.clone() if self._model.keeps_inputs else tensor

    def _write(self, outputs, batch):
        """Copies tensors into the arena. Returns what the server is told of each, None if it wants none any more."""
        offset, capacity = batch.output_offset, batch.output_capacity
        needed = room_for(outputs)
        if needed > capacity:
            self._channel.send([NO_ROOM, needed])
            packet = self._channel.receive()
            if packet is None:
                return None
            _, arena_size, offset, _ = packet
            self._arena.grow(arena_size)
        memory = self._arena.view()
        written = []
        for tensor in outputs:
            byte_size = tensor.numel() * tensor.element_size()
            tensor_at(memory, tensor.dtype, tensor.shape, offset).copy_(tensor)
            written += [NUMBERS[tensor.dtype], offset, byte_size, tensor.dim(), *tensor.shape]
            offset += aligned(byte_size)
        return written
