"""torch.compile in the Python host: what is compiled, how often, and what happens where it cannot be."""

import unittest

import torch
import torch._dynamo
from fake_server import Refused, load_request, start_here
from model_folder import ModelFolderTest
from torch._dynamo.utils import counters

from tandem_host.errors import ModelError

CONVOLUTION = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.convolution = nn.Conv2d(3, 8, 3)
        self.linear = nn.Linear(8 * 6 * 6, 5)

    def forward(self, x):
        return self.linear(torch.relu(self.convolution(x)).flatten(1)).softmax(1)
"""

TRANSFORMER = """
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))

    def forward(self, x, scale):
        x = self.norm(x + self.attention(x, x, x, need_weights=False)[0])
        return (x + self.mlp(x)) * scale[:, None], x.mean(1)
"""

F32 = torch.float32


class CompilingTest(ModelFolderTest):
    def setUp(self):
        super().setUp()
        torch._dynamo.reset()
        counters.clear()

    def start(self, model, inputs, outputs, **request):
        self.path = self.write_model(model)
        server = start_here(load_request(self.path, inputs, outputs, compile=True, **request))
        self.addCleanup(server.close)
        return server

    def eager(self, name):
        """The module as it is written, made once more."""
        namespace = {}
        with open(self.path) as file:
            exec(file.read(), namespace)
        return namespace[name]().eval()

    def assert_close(self, given, expected):
        torch.testing.assert_close(given, expected, rtol=1e-4, atol=1e-5)


def compiled_graphs():
    return counters["stats"]["unique_graphs"]


class Compiled(CompilingTest):
    def test_batches_of_every_size_run_what_was_compiled_before_the_first_one(self):
        dims = [-1, 3, 8, 8]
        server = self.start(CONVOLUTION, [("x", F32, dims)], [("y", F32, [-1, 5])], maxBatchSize=16, instances=2)
        compiled = compiled_graphs()
        self.assertGreaterEqual(compiled, 1)
        self.assertLessEqual(compiled, 3)
        eager = self.eager("Net")
        for rows in range(1, 17):
            x = torch.rand(rows, 3, 8, 8)
            with torch.inference_mode():
                expected = eager(x)
            (given,) = server.infer([x], instance=rows % 2)
            self.assert_close(given, expected)
        self.assertEqual(compiled_graphs(), compiled)

    def test_so_do_variable_dimensions(self):
        server = self.start(
            TRANSFORMER,
            [("x", F32, [-1, -1, 8]), ("scale", F32, [-1, 8])],
            [("y", F32, [-1, -1, 8]), ("mean", F32, [-1, 8])],
        )
        compiled = compiled_graphs()
        self.assertLessEqual(compiled, 3)
        eager = self.eager("Block")
        for rows, length in [(1, 3), (2, 3), (5, 7), (8, 40), (1, 31)]:
            inputs = [torch.rand(rows, length, 8), torch.rand(rows, 8)]
            with torch.inference_mode():
                expected = eager(*inputs)
            for given, tensor in zip(server.infer(inputs, [0, 1]), expected):
                self.assert_close(given, tensor)
        self.assertEqual(compiled_graphs(), compiled)


ADD = "class Net(nn.Module):\n    def forward(self, x):\n        {before}return x + 1\n"
X = ("x", F32, [-1, 2])
Y = ("y", F32, [-1, 2])


class Options(CompilingTest):
    def test_they_are_given_to_torch_compile_and_the_log_tells_them(self):
        with self.assertLogs("tandem_host", "INFO") as logs:
            server = self.start(ADD.format(before=""), [X], [Y], compileOptions={"backend": "eager", "dynamic": False})
        text = "'torch.compile' optional parameter(s) for 'net': {'backend': 'eager', 'dynamic': False}"
        self.assertIn(f"INFO:tandem_host:{text}", logs.output)
        before = compiled_graphs()
        server.infer([torch.zeros(3, 2)])
        # Not dynamic: as was asked for, a size of its own is compiled for.
        self.assertEqual(compiled_graphs(), before + 1)

    def test_those_that_torch_compile_does_not_have_are_an_error(self):
        for options in ({"no_such": 1}, {"backend": "no_such"}, {"mode": "no_such"}):
            with self.assertRaisesRegex(ModelError, "torch.compile refuses .*no_such"):
                self.start(ADD.format(before=""), [X], [Y], compileOptions=options)

    def test_a_function_is_compiled_too(self):
        code = "def add(x):\n    return x + 1\n"
        server = self.start(code, [X], [Y], function="add", compileOptions={"backend": "eager"})
        self.assertGreater(compiled_graphs(), 0)
        self.assertEqual(server.infer([torch.zeros(1, 2)])[0].tolist(), [[1.0, 1.0]])


class NotCompilable(CompilingTest):
    def test_the_module_runs_as_it_is_written_and_the_log_warns(self):
        with self.assertLogs("tandem_host", "WARNING") as logs:
            server = self.start(
                ADD.format(before="print(); "), [X], [Y], compileOptions={"backend": "eager", "fullgraph": True}
            )
        self.assertEqual(len(logs.output), 1)
        self.assertRegex(logs.output[0], "'net' cannot be compiled and runs as it is written; TORCH_COMPILE false")
        self.assertEqual(server.infer([torch.zeros(1, 2)])[0].tolist(), [[1.0, 1.0]])

    def test_inputs_that_the_module_refuses_are_no_reason_to_do_without(self):
        server = self.start(
            "class Net(nn.Module):\n    def forward(self, x):\n        return x @ torch.ones(2, 2)\n",
            [("x", F32, [-1, -1])],
            [Y],
            compileOptions={"backend": "eager"},
        )
        with self.assertNoLogs("tandem_host"), self.assertRaisesRegex(Refused, "(?s)execute failure.*RuntimeError"):
            server.infer([torch.ones(2, 3)])
        before = compiled_graphs()
        self.assertEqual(server.infer([torch.ones(2, 2)])[0].tolist(), [[2.0, 2.0], [2.0, 2.0]])
        self.assertEqual(compiled_graphs(), before + 1)


if __name__ == "__main__":
    unittest.main()
