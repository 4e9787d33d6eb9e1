"""Loads what a request asks for, and starts its instances."""

import copy
import logging
import sys

import torch

from .arena import Arena
from .channel import Channel
from .errors import ModelError
from .instance import Instance
from .module_loading import (
    find_function,
    import_file,
    is_python_file,
    load_python_module,
    load_torchscript_module,
)
from .torch_model import TorchModel, device_of, module_device

log = logging.getLogger("tandem_host")


def set_threads(request):
    """Of the whole process; only once, and before anything is run."""
    log.info(
        "Torch parallelism settings for '%s': NUM_THREADS = %d; NUM_INTEROP_THREADS = %d;",
        request.model_name,
        request.threads,
        request.interop_threads,
    )
    torch.set_num_threads(request.threads)
    torch.set_num_interop_threads(request.interop_threads)


def start_instances(request, descriptors):
    """Returns, when all instances are warm, what the server is told of the model. Raises ModelError.

    descriptors: of each instance its socket and its memory
    """
    models = _load(request)
    for options, (socket, memory) in zip(request.instances, descriptors):
        # One after the other: the first one on a device compiles, the others find it done.
        Instance(options["name"], models[device_of(options)], request, Channel(socket), Arena(memory)).start()
    return {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "compiled": any(model.is_compiled for model in models.values()),
    }


def _load(request):
    """A model for each device that instances are on, by device; None for those that place themselves."""
    devices = dict.fromkeys(device_of(each) for each in request.instances)
    if not is_python_file(request.path):
        return _load_torchscript(request, devices)
    if request.function:
        function = find_function(import_file(request.path), request.function, request.path)
        models = {device: TorchModel(function, torch.device(device or "cpu"), request) for device in devices}
    else:
        models = _placed(load_python_module(request.path, request.model_name), devices, request)
    if request.compile:
        for model in models.values():
            model.compile(request.compile_options)
    return models


def _load_torchscript(request, devices):
    if request.function:
        raise ModelError(f"'{request.path}' is TorchScript: parameter 'FUNCTION' names a function of a model.py")
    # Read once for each device, straight to it.
    return {
        device: _model(load_torchscript_module(request.path, request.model_name, device), device, request)
        for device in devices
    }


def _placed(module, devices, request):
    copies = {device: copy.deepcopy(module) for device in list(devices)[1:]}
    return {device: _model(copies.get(device, module), device, request) for device in devices}


def _model(module, device, request):
    if device is None:
        return TorchModel(module, module_device(module), request)
    try:
        return TorchModel(module.to(device), torch.device(device), request)
    except Exception as error:
        raise ModelError(f"failed to move the model to {device}: {error}") from error
