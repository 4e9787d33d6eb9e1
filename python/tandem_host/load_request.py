"""What the server asks to load; src/engine/python-host-request.ts makes it."""

import torch

from .data_types import TORCH_TYPES
from .errors import ModelError


class TensorSpec:
    """A tensor of the configuration: `dims` as the module sees them, batch dimension included, -1 variable."""

    __slots__ = ("name", "dtype", "dims")

    def __init__(self, name, dataType, dims):  # noqa: N803 (as in the message)
        if dataType not in TORCH_TYPES:
            raise ModelError(f"torch {torch.__version__} has no tensors of the data type of '{name}'")
        self.name = name
        self.dtype = TORCH_TYPES[dataType]
        self.dims = dims


class LoadRequest:
    def __init__(self, message):
        self.model_name = message["modelName"]
        #: The file of Python code or TorchScript.
        self.path = message["path"]
        self.max_batch_size = message["maxBatchSize"]
        self.inputs = [TensorSpec(**each) for each in message["inputs"]]
        self.outputs = [TensorSpec(**each) for each in message["outputs"]]
        #: Each has `name`, `kind` (KIND_CPU, KIND_GPU, KIND_MODEL), `device`.
        self.instances = message["instances"]
        self.threads = message["threads"]
        self.interop_threads = message["interopThreads"]
        self.compile = message["compile"]
        #: Keyword arguments of torch.compile.
        self.compile_options = message["compileOptions"]
        #: A function of the file in place of a class; "": none.
        self.function = message["function"]
