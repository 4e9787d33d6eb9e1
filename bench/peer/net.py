import torch
from torch import nn


class Net(nn.Module):
    """[n,16] to [n,4]; the same weights wherever it is made."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layers = nn.Sequential(nn.Linear(16, 4, bias=False), nn.Softmax(1))

    def forward(self, x):
        return self.layers(x)
