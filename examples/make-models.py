"""Makes the example repository from the handwritten digits that come with scikit-learn.

examples/models/digits_tf        TensorFlow SavedModel, configuration completed from the model
examples/models/digits_graphdef  the same network as a frozen GraphDef, complete configuration
examples/models/digits_torch     TorchScript convolutional network, dynamic batching
examples/models/text_tf          TensorFlow SavedModel on strings
examples/data/digits.json        the digits that no model has seen in training
examples/data/accuracy.json      what share of them each model recognises

Makes nothing that is there already; a framework that is not installed is left out.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
warnings.filterwarnings("ignore", message=".*torch.jit")

HERE = Path(__file__).resolve().parent
MODELS = HERE / "models"
DATA = HERE / "data"
STAMP = MODELS / ".made"
DIGITS = "zero one two three four five six seven eight nine".split()
HELD_OUT = 360

accuracies = {}


def main():
    frameworks = [name for name in ("tensorflow", "torch") if importlib.util.find_spec(name)]
    stamp = hashlib.sha256(Path(__file__).read_bytes()).hexdigest() + " " + " ".join(frameworks)
    if STAMP.exists() and STAMP.read_text() == stamp and (DATA / "digits.json").exists():
        print(f"{MODELS} is up to date")
        return
    started = time.monotonic()
    train, held_out = load_digits()
    makers = {"tensorflow": make_tensorflow_models, "torch": make_torch_model}
    for framework in makers:
        if framework in frameworks:
            makers[framework](train, held_out)
        else:
            print(f"{framework} is not installed: its models are left out")
    (DATA / "accuracy.json").write_text(json.dumps(accuracies))
    MODELS.mkdir(exist_ok=True)
    STAMP.write_text(stamp)
    print(f"made {MODELS} in {time.monotonic() - started:.0f} s")


def load_digits():
    """Images as float32 [n,8,8] of 0 to 16 with their digits, shuffled and split."""
    import numpy as np
    from sklearn import datasets

    digits = datasets.load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    images, targets = digits.images[order].astype("float32"), digits.target[order]
    DATA.mkdir(exist_ok=True)
    flat = images[:HELD_OUT].astype(int).reshape(HELD_OUT, 64).tolist()
    content = {"images": flat, "digits": targets[:HELD_OUT].tolist()}
    (DATA / "digits.json").write_text(json.dumps(content, separators=(",", ":")))
    return (images[HELD_OUT:], targets[HELD_OUT:]), (images[:HELD_OUT], targets[:HELD_OUT])


def new_model(name, config=None, labels=False):
    """Empty directory of version 1 of a model."""
    shutil.rmtree(MODELS / name, ignore_errors=True)
    version = MODELS / name / "1"
    version.mkdir(parents=True)
    if config:
        (MODELS / name / "config.pbtxt").write_text(config)
    if labels:
        (MODELS / name / "labels.txt").write_text("".join(f"{digit}\n" for digit in DIGITS))
    return version


def report(name, probabilities, digits):
    accuracies[name] = float((probabilities.argmax(1) == digits).mean())
    print(f"{name}: {accuracies[name]:.1%} of {len(digits)} held-out digits", flush=True)


def batches(count, epochs, seed=0, size=64):
    """Indices of mini-batches, shuffled anew in each epoch."""
    import numpy as np

    generator = np.random.default_rng(seed)
    for _ in range(epochs):
        order = generator.permutation(count)
        yield from (order[i : i + size] for i in range(0, count, size))


# TensorFlow

# Only what the SavedModel does not say: the label file of an output, and how many images make a batch.
DIGITS_TF_CONFIG = """\
max_batch_size: 32
output [
  { name: "probabilities" label_filename: "labels.txt" }
]
"""

DIGITS_GRAPHDEF_CONFIG = """\
platform: "tensorflow_graphdef"
max_batch_size: 16
input [
  { name: "image" data_type: TYPE_FP32 dims: [ 8, 8 ] }
]
output [
  { name: "probabilities" data_type: TYPE_FP32 dims: [ 10 ] label_filename: "labels.txt" }
]
dynamic_batching { }
"""


def make_tensorflow_models(train, held_out):
    import tensorflow as tf

    tf.random.set_seed(0)
    weights = train_perceptron(tf, *train)
    save_digits_tf(tf, weights, *held_out)
    save_digits_graphdef(tf, weights, *held_out)
    save_text_tf(tf)


def perceptron(tf, image, weights):
    """Logits of a network with one hidden layer; takes images as they are, [n,8,8] of 0 to 16."""
    hidden = tf.nn.relu(tf.reshape(image, [-1, 64]) / 16.0 @ weights[0] + weights[1])
    return hidden @ weights[2] + weights[3]


def train_perceptron(tf, images, digits):
    """Weights found by gradient descent with momentum."""
    shapes = [64, 128], [128], [128, 10], [10]
    weights = [tf.Variable(tf.random.normal(shape, stddev=0.1)) for shape in shapes]
    velocities = [tf.Variable(tf.zeros(shape)) for shape in shapes]

    @tf.function(reduce_retracing=True)
    def step(image, digit):
        with tf.GradientTape() as tape:
            logits = perceptron(tf, image, weights)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(digit, logits))
        for weight, velocity, gradient in zip(weights, velocities, tape.gradient(loss, weights)):
            velocity.assign(0.9 * velocity - 0.05 * gradient)
            weight.assign_add(velocity)

    for batch in batches(len(digits), epochs=60):
        step(tf.constant(images[batch]), tf.constant(digits[batch]))
    return weights


def save_digits_tf(tf, weights, images, digits):
    class Classifier(tf.Module):
        def __init__(self):
            super().__init__()
            self.weights = weights

        @tf.function(input_signature=[tf.TensorSpec([None, 8, 8], tf.float32, name="image")])
        def classify(self, image):
            return {"probabilities": tf.nn.softmax(perceptron(tf, image, self.weights))}

    version = new_model("digits_tf", DIGITS_TF_CONFIG, labels=True)
    module = Classifier()
    tf.saved_model.save(module, str(version / "model.savedmodel"), {"serving_default": module.classify})
    report("digits_tf", module.classify(tf.constant(images))["probabilities"].numpy(), digits)


def save_digits_graphdef(tf, weights, images, digits):
    values = [weight.numpy() for weight in weights]
    version = new_model("digits_graphdef", DIGITS_GRAPHDEF_CONFIG, labels=True)
    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, [None, 8, 8], "image")
        probabilities = tf.nn.softmax(perceptron(tf, image, values), name="probabilities")
        (version / "model.graphdef").write_bytes(graph.as_graph_def().SerializeToString())
        with tf.compat.v1.Session() as session:
            report("digits_graphdef", session.run(probabilities, {image: images}), digits)


def save_text_tf(tf):
    class Text(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 1], tf.string, name="text")])
        def normalise(self, text):
            """Lower case and single spaces; and how many words that are."""
            text = tf.strings.lower(text, encoding="utf-8")
            text = tf.strings.strip(tf.strings.regex_replace(text, r"\s+", " "))
            words = tf.strings.split(tf.squeeze(text, 1)).row_lengths()
            return {"normalised": text, "words": tf.expand_dims(tf.cast(words, tf.int32), 1)}

    version = new_model("text_tf")
    module = Text()
    tf.saved_model.save(module, str(version / "model.savedmodel"), {"serving_default": module.normalise})
    result = module.normalise(tf.constant([["  Hello   World "]]))
    print(f"text_tf: '{result['normalised'].numpy()[0, 0].decode()}', {result['words'].numpy()[0, 0]} words")


# torch

DIGITS_TORCH_CONFIG = """\
platform: "pytorch_libtorch"
max_batch_size: 32
input [
  { name: "INPUT__0" data_type: TYPE_FP32 dims: [ 1, 8, 8 ] }
]
output [
  { name: "OUTPUT__0" data_type: TYPE_FP32 dims: [ 10 ] label_filename: "labels.txt" }
]
dynamic_batching { }
"""


def make_torch_model(train, held_out):
    import torch
    from torch import nn

    class Classifier(nn.Module):
        """Takes images as they are, [n,1,8,8] of 0 to 16."""

        def __init__(self):
            super().__init__()
            convolutions = [nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU()]
            self.layers = nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(512, 10))

        def logits(self, image: torch.Tensor) -> torch.Tensor:
            return self.layers(image / 16.0)

        def forward(self, image: torch.Tensor) -> torch.Tensor:
            return self.logits(image).softmax(1)

    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = Classifier()
    images, digits = torch.from_numpy(train[0]).unsqueeze(1), torch.from_numpy(train[1])
    optimizer = torch.optim.Adam(model.parameters(), 0.003)
    for batch in batches(len(digits), epochs=12):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model.logits(images[batch]), digits[batch]).backward()
        optimizer.step()

    scripted = torch.jit.script(model.eval())
    scripted.save(str(new_model("digits_torch", DIGITS_TORCH_CONFIG, labels=True) / "model.pt"))
    with torch.inference_mode():
        report("digits_torch", scripted(torch.from_numpy(held_out[0]).unsqueeze(1)).numpy(), held_out[1])


if __name__ == "__main__":
    sys.exit(main())
