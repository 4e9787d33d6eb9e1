"""A module or function on one device, shared by all instances there: one copy of the weights."""

import contextlib
import logging

import torch

from .errors import ModelError, describe

log = logging.getLogger("tandem_host")


def device_of(instance):
    """The device of an instance; None where the module is to place itself."""
    if instance["kind"] == "KIND_GPU":
        return f"cuda:{instance['device']}"
    return None if instance["kind"] == "KIND_MODEL" else "cpu"


def module_device(module):
    """Where a module that places itself wants its inputs: on the device of its first parameter."""
    parameter = next(iter(module.parameters()), None)
    if parameter is None:
        raise ModelError("Cannot determine model device: KIND_MODEL takes a module with parameters")
    return parameter.device


class TorchModel:
    def __init__(self, eager, device, request):
        self.device = device
        #: Set by the first instance that sees that inputs are still in use after an execution.
        self.keeps_inputs = False
        self._name = request.model_name
        self._eager = eager
        self._run = eager

    @property
    def is_compiled(self):
        return self._run is not self._eager

    def compile(self, options):
        """From here on runs what torch.compile makes of it.

        options: keyword arguments of torch.compile
        Raises ModelError where those are what is wrong.
        """
        if options:
            log.info("'torch.compile' optional parameter(s) for '%s': %s", self._name, options)
        try:
            self._run = torch.compile(self._eager, **options)
        except Exception as error:
            if options:
                raise ModelError(f"torch.compile refuses {options}: {error}") from error
            self._run_eagerly(error)

    def __call__(self, inputs):
        """What the module returns for tensors on its device."""
        if not self.is_compiled:
            return self._eager(*inputs)
        try:
            return self._run(*inputs)
        except torch._dynamo.exc.TorchDynamoException as error:
            # Either the module cannot be compiled, or it refuses these inputs, which it then says itself.
            returned = self._eager(*inputs)
            self._run_eagerly(error)
            return returned

    def scope(self):
        """Where its instances run: without gradients, on a GPU each in a stream of its own."""
        scope = contextlib.ExitStack()
        scope.enter_context(torch.inference_mode())
        if self.device.type == "cuda":
            scope.enter_context(torch.cuda.device(self.device))
            torch.cuda.synchronize()
            scope.enter_context(torch.cuda.stream(torch.cuda.Stream()))
        return scope

    def finish(self):
        """Waits for what the device still computes for this thread."""
        if self.device.type == "cuda":
            torch.cuda.current_stream().synchronize()

    def _run_eagerly(self, error):
        self._run = self._eager
        log.warning(
            "'%s' cannot be compiled and runs as it is written; TORCH_COMPILE false avoids the attempt. %s",
            self._name,
            str(error).strip() or describe(error),
        )
