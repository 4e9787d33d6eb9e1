"""Asks a running server for the held-out digits, through NVIDIA's tritonclient.

pip install tritonclient[http]; python examples/client.py [localhost:8000]
"""

import json
import sys
from pathlib import Path

import numpy as np
import tritonclient.http as triton

BATCH = 4


def main(url="localhost:8000"):
    client = triton.InferenceServerClient(url)
    data = json.loads((Path(__file__).parent / "data" / "digits.json").read_text())
    images, digits = np.array(data["images"], "float32"), np.array(data["digits"])
    for model in "digits_tf", "digits_graphdef", "digits_torch":
        if client.is_model_ready(model):
            found = np.concatenate([recognise(client, model, images[i : i + BATCH]) for i in range(0, len(images), BATCH)])
            print(f"{model}: {(found == digits).mean():.1%} of {len(digits)} held-out digits")
    if client.is_model_ready("digits_tf"):
        print(f"digits_tf: the first is {name(client, images[:1])}, it should be {digits[0]}")
    if client.is_model_ready("text_tf"):
        print("text_tf:", *normalise(client, ["  Hello   World ", "ÜBER\tall"]))


def recognise(client, model, images):
    """Digits on the images, [n,64] of 0 to 16, by a model's most probable class."""
    metadata = client.get_model_metadata(model)
    (tensor,), (output,) = metadata["inputs"], metadata["outputs"]
    shape = [len(images), *tensor["shape"][1:]]
    image = triton.InferInput(tensor["name"], shape, tensor["datatype"])
    image.set_data_from_numpy(images.reshape(shape))
    return client.infer(model, [image]).as_numpy(output["name"]).argmax(1)


def name(client, images):
    """The most probable class as the server names it: value, index and label."""
    image = triton.InferInput("image", [1, 8, 8], "FP32")
    image.set_data_from_numpy(images.reshape(1, 8, 8))
    wanted = triton.InferRequestedOutput("probabilities", class_count=1)
    return client.infer("digits_tf", [image], outputs=[wanted]).as_numpy("probabilities")[0, 0].decode()


def normalise(client, lines):
    """Each line in lower case with single spaces, and its number of words."""
    text = triton.InferInput("text", [len(lines), 1], "BYTES")
    text.set_data_from_numpy(np.array([[line.encode()] for line in lines], dtype=object))
    result = client.infer("text_tf", [text])
    normalised, words = result.as_numpy("normalised")[:, 0], result.as_numpy("words")[:, 0]
    return [f"'{line.decode()}' ({count} words)" for line, count in zip(normalised, words)]


if __name__ == "__main__":
    main(*sys.argv[1:])
