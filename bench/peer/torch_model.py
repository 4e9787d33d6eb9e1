"""What tritonserver's Python backend runs as the peer of `platform: "pytorch"`: a module that torch.compile has compiled.

Parameters of its configuration: module, a Python file with the class Net; packages, the folder of the packages that it
needs. The requests of a batch are put together, run at once and taken apart again.
"""

import json
import runpy
import site

import numpy as np
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        parameters = json.loads(args["model_config"])["parameters"]
        site.addsitedir(parameters["packages"]["string_value"])
        import torch

        self.torch = torch
        torch.set_num_threads(1)
        torch.set_num_interop_threads(1)
        torch.manual_seed(0)
        module = runpy.run_path(parameters["module"]["string_value"])["Net"]().eval()
        self.module = torch.compile(module, dynamic=True)
        for rows in 1, 2, 32:
            self.call(np.zeros((rows, 16), np.float32))

    def call(self, x):
        with self.torch.inference_mode():
            return self.module(self.torch.from_numpy(x)).numpy()

    def execute(self, requests):
        inputs = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        ends = np.cumsum([len(x) for x in inputs])
        outputs = np.split(self.call(np.concatenate(inputs)), ends[:-1])
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", y)]) for y in outputs]
