"""What tritonserver's Python backend runs as the peer: a SavedModel's signature, called from Python.

Parameters of its configuration: saved_model, the directory; batched, whether the requests that the server hands over
together are put into one call (1) or called one after another, as the published handler does (0).
"""

import json

import numpy as np
import tensorflow as tf
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        parameters = json.loads(args["model_config"])["parameters"]
        self.loaded = tf.saved_model.load(parameters["saved_model"]["string_value"])
        self.signature = self.loaded.signatures["serving_default"]
        self.batched = parameters["batched"]["string_value"] == "1"

    def call(self, x):
        return self.signature(x=tf.constant(x))["y"].numpy()

    def execute(self, requests):
        inputs = [pb_utils.get_input_tensor_by_name(request, "x").as_numpy() for request in requests]
        if self.batched and len(inputs) > 1:
            ends = np.cumsum([len(x) for x in inputs])
            outputs = np.split(self.call(np.concatenate(inputs)), ends[:-1])
        else:
            outputs = [self.call(x) for x in inputs]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("y", y)]) for y in outputs]
