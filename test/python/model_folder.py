"""Version directories of models, for one test each."""

import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import torch


class ModelFolderTest(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="tandem-python-"))
        self.addCleanup(shutil.rmtree, self.folder)
        # What a model's import leaves behind in this process.
        self.addCleanup(self.forget_modules, list(sys.path))

    @staticmethod
    def forget_modules(path):
        sys.path[:] = path
        for name in ("model", "net", "beside"):
            sys.modules.pop(name, None)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def write_model(self, text, name="model.py"):
        return self.write(name, f"import torch\nfrom torch import nn\n{text}")

    def save(self, name, what):
        torch.save(what, self.folder / name)

    def files(self):
        return sorted(os.listdir(self.folder))
