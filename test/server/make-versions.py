"""Makes versions of a SavedModel that answer with their number: make-versions.py DIRECTORY COUNT

<DIRECTORY>/<version>/model.savedmodel: x [n,2] to y = x + version [n,2], version from 1 to COUNT.
"""

import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow as tf
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

# Stands in the graph for the version; saving takes longer than putting another number in its place.
PLACEHOLDER = 123456.0


def main(directory, count):
    template = Path(directory) / "template"
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, [None, 2], name="x")
        y = tf.add(x, tf.constant(PLACEHOLDER), name="y")
        tf.compat.v1.saved_model.simple_save(session, str(template), {"x": x}, {"y": y})
    message = SavedModel()
    message.ParseFromString((template / "saved_model.pb").read_bytes())
    shutil.rmtree(template)
    nodes = message.meta_graphs[0].graph_def.node
    value = next(node for node in nodes if node.op == "Const").attr["value"].tensor
    for version in range(1, count + 1):
        value.CopyFrom(tf.make_tensor_proto(float(version)))
        model = Path(directory) / str(version) / "model.savedmodel"
        model.mkdir(parents=True)
        (model / "saved_model.pb").write_bytes(message.SerializeToString())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
