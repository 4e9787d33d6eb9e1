"""Makes SavedModels of variables that are known by heart: make-weights.py (DIRECTORY VARIABLES ELEMENTS OFFSET)...

Variable k holds the INT32 values offset + k * ELEMENTS + i at each position i. A model takes positions, `at` [n] INT32,
and gives what every variable holds there: `values` [VARIABLES,n] INT32.
"""

import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow as tf


def make(directory, count, elements, offset):
    module = tf.Module()
    first = [offset + k * elements for k in range(count)]
    module.weights = [tf.Variable(tf.range(start, start + elements, dtype=tf.int32)) for start in first]

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="at")])
    def serve(at):
        return {"values": tf.stack([tf.gather(weights, at) for weights in module.weights])}

    tf.saved_model.save(module, directory, {"serving_default": serve})


if __name__ == "__main__":
    arguments = sys.argv[1:]
    for start in range(0, len(arguments), 4):
        directory, *numbers = arguments[start : start + 4]
        make(directory, *map(int, numbers))
