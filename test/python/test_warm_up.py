import unittest

import torch

from tandem_host.load_request import TensorSpec
from tandem_host.warm_up import made_up_bytes, made_up_inputs, warm_up_rows


class WarmUp(unittest.TestCase):
    def test_the_largest_batch_comes_first_then_two_rows_then_one(self):
        self.assertEqual(warm_up_rows(8), [8, 2, 1])
        self.assertEqual(warm_up_rows(2), [2, 1])
        self.assertEqual(warm_up_rows(1000), [32, 2, 1])

    def test_there_are_two_runs_at_least(self):
        self.assertEqual(warm_up_rows(1), [1, 1])
        self.assertEqual(warm_up_rows(0), [None, None])

    def test_inputs_are_zeros_of_the_configured_shapes_variable_dimensions_of_32(self):
        specs = [TensorSpec("a", 11, [-1, -1, 3]), TensorSpec("b", 1, [-1]), TensorSpec("c", 14, [2, 0])]
        given = made_up_inputs(memoryview(made_up_bytes(specs, 2)), specs, 2)
        self.assertEqual([tuple(each.shape) for each in given], [(2, 32, 3), (2,), (2, 0)])
        self.assertEqual([each.dtype for each in given], [torch.float32, torch.bool, torch.bfloat16])
        self.assertFalse(any(each.any() for each in given))
        unbatched = made_up_inputs(memoryview(made_up_bytes(specs, None)), specs, None)
        self.assertEqual([tuple(each.shape) for each in unbatched], [(32, 32, 3), (32,), (2, 0)])


if __name__ == "__main__":
    unittest.main()
