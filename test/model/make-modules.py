"""Makes TorchScript files of weights that are known by heart: make-modules.py (FILE ELEMENTS)...

The weights hold i at each position i, FP32. A module takes positions, `at` [n] INT32, and gives what is there, [n].
"""

import sys
import warnings

import torch
from torch import Tensor, nn

warnings.filterwarnings("ignore", message=".*torch.jit")


class Lookup(nn.Module):
    def __init__(self, elements: int):
        super().__init__()
        self.weights = nn.Parameter(torch.arange(elements, dtype=torch.float32))

    def forward(self, at: Tensor) -> Tensor:
        return self.weights.index_select(0, at)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    for start in range(0, len(arguments), 2):
        file, elements = arguments[start : start + 2]
        torch.jit.script(Lookup(int(elements)).eval()).save(file)
