"""What instances of the Python host answer, spoken to as the server does; in this process, which spares its start."""

import threading
import time
import unittest

import torch
from fake_server import Refused, load_request, start_here
from model_folder import ModelFolderTest

X = ("x", torch.float32, [-1, 2])
Y = ("y", torch.float32, [-1, 2])


def forward(body, signature="x"):
    """A module whose forward is `body`."""
    return f"import time, sys\nclass Net(nn.Module):\n    def forward(self, {signature}):\n        {body}\n"


class InstanceTest(ModelFolderTest):
    def start(self, model, inputs=(X,), outputs=(Y,), **request):
        path = self.write_model(model)
        server = start_here(load_request(path, inputs, outputs, **request))
        self.addCleanup(server.close)
        return server

    def refused(self, server, *inputs):
        with self.assertRaises(Refused) as refused:
            server.infer(inputs)
        return refused.exception


class Executing(InstanceTest):
    def test_every_data_type_goes_in_and_out(self):
        types = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
        types += [torch.float16, torch.bfloat16, torch.float32, torch.float64]
        inputs = [(f"x{i}", dtype, [-1, 3]) for i, dtype in enumerate(types)]
        outputs = [(f"y{i}", dtype, [-1, 3]) for i, dtype in enumerate(types)]
        server = self.start(forward("return [each.clone() for each in x]", "*x"), inputs, outputs)
        given = [torch.tensor([[0, 1, 1], [1, 0, 2]]).to(dtype) for dtype in types]
        results = server.infer(given, range(len(types)))
        for result, expected in zip(results, given):
            self.assertEqual(result.dtype, expected.dtype)
            self.assertTrue(torch.equal(result, expected))

    def test_only_the_outputs_wanted_come_in_the_order_wanted(self):
        outputs = [("a", torch.float32, [-1, 2]), ("b", torch.float32, [-1, 2]), ("c", torch.float32, [-1, 2])]
        server = self.start(forward("return (x, x + 1, x + 2)"), outputs=outputs)
        a, b = server.infer([torch.zeros(1, 2)], [2, 0])
        self.assertEqual((a.tolist(), b.tolist()), ([[2.0, 2.0]], [[0.0, 0.0]]))

    def test_a_dict_is_taken_by_output_names(self):
        outputs = [("a", torch.float32, [-1, 2]), ("b", torch.float32, [-1, 2])]
        server = self.start(forward("return {'b': x + 1, 'more': 3, 'a': x}"), outputs=outputs)
        self.assertEqual([each.tolist() for each in server.infer([torch.zeros(1, 2)], [0, 1])], [[[0, 0]], [[1, 1]]])

    def test_outputs_that_are_not_contiguous_views_or_empty(self):
        dims = [-1, -1]
        server = self.start(
            forward("return x.t(), x[:0], x.expand(3, 2)"),
            [("x", torch.float32, [-1, 2])],
            [(name, torch.float32, dims) for name in "abc"],
        )
        a, b, c = server.infer([torch.tensor([[1.0, 2.0]])], [0, 1, 2])
        self.assertEqual((a.tolist(), tuple(b.shape), c.tolist()), ([[1.0], [2.0]], (0, 2), [[1.0, 2.0]] * 3))

    def test_an_absent_input_is_none(self):
        server = self.start(forward("return x if y is None else x + y", "x, y"), [X, X])
        one = torch.ones(1, 2)
        self.assertEqual(server.infer([one, None])[0].tolist(), [[1.0, 1.0]])
        self.assertEqual(server.infer([one, one])[0].tolist(), [[2.0, 2.0]])

    def test_an_empty_batch_and_a_model_without_batches(self):
        unbatched = [("x", torch.float32, [2])], [("y", torch.float32, [2])]
        server = self.start(forward("return x + 1"), *unbatched, maxBatchSize=0)
        self.assertEqual(server.infer([torch.zeros(2)])[0].tolist(), [1.0, 1.0])
        self.assertEqual(self.start(forward("return x + 1")).infer([torch.zeros(0, 2)])[0].shape, (0, 2))

    def test_the_memory_grows_for_outputs_and_inputs_that_are_too_large(self):
        server = self.start(forward("return x.repeat(1, 100)"))
        x = torch.rand(8, 2)
        self.assertTrue(torch.equal(server.infer([x], capacity=64)[0], x.repeat(1, 100)))
        self.assertTrue(torch.equal(server.infer([x])[0], x.repeat(1, 100)))

    def test_inputs_may_be_written_to(self):
        server = self.start(forward("return x.add_(1)"))
        self.assertEqual(server.infer([torch.zeros(1, 2)])[0].tolist(), [[1.0, 1.0]])

    def test_the_phases_of_an_execution_are_told_in_order(self):
        server = self.start(forward("time.sleep(0.01); return x"))
        before = time.monotonic_ns()
        server.infer([torch.zeros(1, 2)])
        timings = server.instances[0].timings
        phases = [before, *timings, time.monotonic_ns()]
        self.assertEqual(phases, sorted(phases))
        self.assertGreater(timings[2] - timings[1], 9_000_000)


class Keeping(InstanceTest):
    MODEL = """
class Net(nn.Module):
    kept = None
    def forward(self, x, keep):
        if keep[0]:
            self.kept = KEPT
        return x if self.kept is None else x + torch.as_tensor(self.kept)
"""

    def test_inputs_that_a_model_keeps_are_told_once_and_copied_from_then_on(self):
        for kept in ("x", "x[:, :1]", "x.numpy()"):
            server = self.start(self.MODEL.replace("KEPT", kept), [X, ("keep", torch.bool, [-1])])
            keep, leave = torch.tensor([True]), torch.tensor([False])
            server.infer([torch.ones(1, 2), leave])
            self.assertEqual(server.instances[0].retained, 0)
            server.infer([torch.ones(1, 2), keep])
            self.assertEqual(server.instances[0].retained, 1)
            server.infer([torch.ones(1, 2), keep])
            self.assertEqual(server.instances[0].retained, 0)
            # Its copy is not where the next input is written to.
            self.assertEqual(server.infer([torch.full((1, 2), 5.0), leave])[0].tolist(), [[6.0, 6.0]])

    def test_a_model_that_keeps_them_always_is_seen_through_before_the_first_request(self):
        server = self.start(forward("self.kept = x; return x"))
        server.infer([torch.ones(1, 2)])
        self.assertEqual(server.instances[0].retained, 0)


class Refusing(InstanceTest):
    def message(self, body, outputs=(Y,), x=torch.zeros(1, 2)):
        server = self.start(forward(body), outputs=outputs)
        error = self.refused(server, x)
        self.assertEqual(error.code, 13)
        return str(error)

    def test_an_exception_is_told_with_its_traceback_and_the_next_batch_runs(self):
        server = self.start(forward("return x if x[0, 0] > 0 else self.missing(x)"))
        error = self.refused(server, torch.zeros(1, 2))
        self.assertEqual(error.code, 13)
        self.assertRegex(str(error), "^PyTorch execute failure: model 'net': .*no attribute 'missing'\nTraceback")
        self.assertRegex(str(error), '(?s)model.py", line .*AttributeError')
        self.assertNotRegex(str(error), "tandem_host|nn/modules/module.py\", line .*_call_impl")
        self.assertEqual(server.infer([torch.ones(1, 2)])[0].tolist(), [[1.0, 1.0]])

    def test_a_very_long_message_keeps_its_end(self):
        self.assertRegex(self.message("raise ValueError('é' * 100_000 + 'end')"), "end$")

    def test_what_ends_the_process_is_an_error(self):
        self.assertRegex(self.message("sys.exit('done')"), "SystemExit: done$")

    def test_too_few_outputs(self):
        two = [Y, ("z", torch.float32, [-1, 2])]
        message = r"the model gives 1 output\(s\), its configuration has 2: y, z$"
        self.assertRegex(self.message("return x", two), message)

    def test_a_dict_without_an_output(self):
        self.assertRegex(self.message("return {'a': x}"), "the model gives no output 'y', it gives: a$")

    def test_another_data_type(self):
        self.assertRegex(
            self.message("return x.double()"),
            "configuration expects datatype TYPE_FP32 for output 'y', model provides TYPE_FP64$",
        )
        self.assertRegex(self.message("return x.to(torch.complex64)"), "model provides torch.complex64$")

    def test_a_scalar(self):
        self.assertRegex(self.message("return x.sum()"), "output 'y' is a scalar which is not supported.$")

    def test_what_is_no_tensor(self):
        self.assertRegex(self.message("return None"), "output 'y' must be a tensor, got NoneType; a model returns")
        self.assertRegex(self.message("return x.to_sparse()"), "must be a dense tensor, got torch.sparse_coo")


class Instances(InstanceTest):
    def test_instances_share_one_module_and_run_at_the_same_time(self):
        model = """
import threading
together = threading.Barrier(2)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.rand(1, 2))
    def forward(self, x):
        if x[0, 0] > 0:
            together.wait(10)
        weights, thread = self.weights.data_ptr(), threading.get_ident()
        return torch.full_like(x, weights % 1_000_003), torch.full_like(x, thread % 1_000_003)
"""
        server = self.start(model, outputs=[Y, ("thread", torch.float32, [-1, 2])], instances=2)
        results = [None, None]

        def run(index):
            results[index] = server.infer([torch.ones(1, 2)], [0, 1], instance=index)

        run_together(run, 2)
        (first, thread), (second, other) = results
        self.assertTrue(torch.equal(first, second))
        self.assertFalse(torch.equal(thread, other))


def run_together(run, count):
    threads = [threading.Thread(target=run, args=[index]) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()



if __name__ == "__main__":
    unittest.main()
