"""Makes the models that the benches run, with random weights: make-models.py tensorflow|torch|aoti DIRECTORY

tiny      softmax(x·W), [n,16] to [n,4]: nothing but the cost of a call
mlp       four layers of 1024, memory-bound at batch 1
conv      four strided 3x3 convolutions on 64x64 images: batching cannot help it on a CPU
resnet50  the layers of ResNet-50 at 224x224
first     the first 1024 of 153,600 numbers: 600 KB in, 4 KB out, nothing to compute
double    twice its input, [n,k] to [n,k] (TensorFlow only)

Both frameworks get the same shapes; images are channels-last in TensorFlow and channels-first in torch. `aoti` are
AOTInductor packages of torch's modules, but for resnet50.
"""

import os
import sys
import warnings
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
warnings.filterwarnings("ignore", message=".*torch.jit")

CONV_CHANNELS = [(3, 32), (32, 64), (64, 128), (128, 128)]
# Blocks and inner channels of the four stages; a block's output has four times as many.
RESNET_STAGES = [(3, 64), (4, 128), (6, 256), (3, 512)]

generator = np.random.default_rng(0)


def weights(*shape, fan_in):
    return (generator.standard_normal(shape, dtype="float32") * np.float32((2 / fan_in) ** 0.5)).astype("float32")


def make_tensorflow(root):
    import tensorflow as tf

    def save(name, shape, forward):
        """`forward` takes (variable, x); `variable` makes the next weight on the first call and finds it later."""
        module = tf.Module()
        module.kept = []
        made = iter(())

        def variable(*shape, fan_in):
            found = next(made, None)
            if found is None:
                found = tf.Variable(weights(*shape, fan_in=fan_in))
                module.kept.append(found)
            return found

        forward(variable, tf.zeros([1, *(dim or 1 for dim in shape)]))

        @tf.function(input_signature=[tf.TensorSpec([None, *shape], tf.float32, name="x")])
        def serve(x):
            nonlocal made
            made = iter(list(module.kept))
            return {"y": forward(variable, x)}

        module.serve = serve
        tf.saved_model.save(module, str(root / f"tf-{name}"), {"serving_default": serve})

    def convolution(variable, x, size, channels, stride):
        before = x.shape[-1]
        kernel = variable(size, size, before, channels, fan_in=size * size * before)
        return tf.nn.conv2d(x, kernel, stride, "SAME")

    def normalised(variable, x):
        channels = x.shape[-1]
        scale, offset, mean = (variable(channels, fan_in=200) for _ in range(3))
        return tf.nn.batch_normalization(x, mean, tf.ones([channels]), offset, 1 + scale, 1e-5)

    def tiny(variable, x):
        return tf.nn.softmax(x @ variable(16, 4, fan_in=16))

    def mlp(variable, x):
        for _ in range(4):
            x = tf.nn.relu(x @ variable(1024, 1024, fan_in=1024) + variable(1024, fan_in=1024))
        return x

    def conv(variable, x):
        for _, channels in CONV_CHANNELS:
            x = tf.nn.relu(convolution(variable, x, 3, channels, 2))
        return tf.reduce_mean(x, [1, 2])

    def resnet(variable, x):
        x = tf.nn.relu(normalised(variable, convolution(variable, x, 7, 64, 2)))
        x = tf.nn.max_pool2d(x, 3, 2, "SAME")
        for stage, (blocks, channels) in enumerate(RESNET_STAGES):
            for block in range(blocks):
                stride = 2 if stage > 0 and block == 0 else 1
                y = tf.nn.relu(normalised(variable, convolution(variable, x, 1, channels, 1)))
                y = tf.nn.relu(normalised(variable, convolution(variable, y, 3, channels, stride)))
                y = normalised(variable, convolution(variable, y, 1, channels * 4, 1)) * 0.2
                if block == 0:
                    x = normalised(variable, convolution(variable, x, 1, channels * 4, stride))
                x = tf.nn.relu(x + y)
        x = tf.reduce_mean(x, [1, 2])
        return tf.nn.softmax(x @ variable(2048, 1000, fan_in=2048))

    save("tiny", [16], tiny)
    save("mlp", [1024], mlp)
    save("conv", [64, 64, 3], conv)
    save("resnet50", [224, 224, 3], resnet)
    save("first", [153600], lambda variable, x: x[:, :1024] + 0.0)
    save("double", [None], lambda variable, x: x + x)


def torch_modules():
    import torch
    from torch import nn

    def convolution(before, channels, size, stride):
        layer = nn.Conv2d(before, channels, size, stride, size // 2, bias=False)
        return nn.Sequential(layer, nn.BatchNorm2d(channels))

    class Bottleneck(nn.Module):
        def __init__(self, before, channels, stride, first):
            super().__init__()
            self.reduce = convolution(before, channels, 1, 1)
            self.spatial = convolution(channels, channels, 3, stride)
            self.expand = convolution(channels, channels * 4, 1, 1)
            self.shortcut = convolution(before, channels * 4, 1, stride) if first else nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.expand(self.spatial(self.reduce(x).relu()).relu())
            return (self.shortcut(x) + y * 0.2).relu()

    def resnet():
        layers = [convolution(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        before = 64
        for stage, (blocks, channels) in enumerate(RESNET_STAGES):
            for block in range(blocks):
                stride = 2 if stage > 0 and block == 0 else 1
                layers.append(Bottleneck(before, channels, stride, block == 0))
                before = channels * 4
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000), nn.Softmax(1))

    convolutions = [
        layer for before, after in CONV_CHANNELS for layer in (nn.Conv2d(before, after, 3, 2, 1), nn.ReLU())
    ]
    class First(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, :1024] + 0.0

    torch.manual_seed(0)
    return {
        "first": First(),
        "tiny": nn.Sequential(nn.Linear(16, 4, bias=False), nn.Softmax(1)),
        "mlp": nn.Sequential(*[layer for _ in range(4) for layer in (nn.Linear(1024, 1024), nn.ReLU())]),
        "conv": nn.Sequential(*convolutions, nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        "resnet50": resnet(),
    }


def make_torch(root):
    import torch

    for name, module in torch_modules().items():
        torch.jit.script(module.eval()).save(str(root / f"torch-{name}.pt"))


def make_aoti(root):
    import torch
    from torch.export import Dim, export

    torch.set_grad_enabled(False)  # freezing wants it
    shapes = {"tiny": [16], "mlp": [1024], "conv": [3, 64, 64]}
    modules = torch_modules()
    for name, shape in shapes.items():
        rows = ({0: Dim("rows", min=1, max=64)},)
        program = export(modules[name].eval(), (torch.zeros(3, *shape),), dynamic_shapes=rows)
        path = str(root / f"aoti-{name}.pt2")
        # What tandem compile finds to be faster: weights laid out for the processor, but for small layers.
        settings = {"cpp.dynamic_threads": True, "freezing": name != "tiny"}
        torch._inductor.aoti_compile_and_package(program, package_path=path, inductor_configs=settings)


if __name__ == "__main__":
    framework, directory = sys.argv[1:]
    {"tensorflow": make_tensorflow, "torch": make_torch, "aoti": make_aoti}[framework](Path(directory))
