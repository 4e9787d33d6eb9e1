import unittest

import torch
from model_folder import ModelFolderTest

from tandem_host.errors import ModelError
from tandem_host.module_loading import (
    find_function,
    find_module_class,
    import_file,
    load_python_module,
    load_torchscript_module,
)

NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))

    def forward(self, x):
        return x * self.scale
"""


class FindClass(ModelFolderTest):
    def found(self, text):
        path = self.write_model(text)
        return find_module_class(import_file(path), path).__name__

    def test_the_only_class_is_taken_though_torch_s_own_are_imported(self):
        self.assertEqual(self.found(f"from torch.nn import Linear, Identity, Module\n{NET}"), "Net")

    def test_an_abstract_class_is_not_meant(self):
        method = "    @abc.abstractmethod\n    def forward(self, x):\n        pass\n"
        base = f"import abc\nclass Base(nn.Module, abc.ABC):\n{method}"
        self.assertEqual(self.found(f"{base}{NET.replace('nn.Module', 'Base')}    forward = torch.relu\n"), "Net")

    def test_of_several_the_first_in_alphabetical_order_that_needs_no_arguments_and_the_log_tells(self):
        block = "class Block(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
        with self.assertLogs("tandem_host", "WARNING") as logs:
            self.assertEqual(self.found(f"class Other(nn.Module):\n    pass\n{block}{NET}"), "Net")
        self.assertRegex(logs.output[0], "several subclasses of torch.nn.Module: Block, Net, Other. Served is Net")

    def test_a_class_from_a_file_beside_it_counts(self):
        self.write_model(NET, "beside.py")
        self.assertEqual(self.found("from beside import Net"), "Net")

    def test_none_is_an_error(self):
        with self.assertRaisesRegex(ModelError, "^Cannot find a subclass of torch.nn.Module in '/.*/model.py'$"):
            self.found("class Net:\n    pass")

    def test_a_class_of_triton_s_python_backend_is_named_as_what_is_not_supported(self):
        with self.assertRaisesRegex(ModelError, "TritonPythonModel class: such Python models are not supported yet"):
            self.found("class TritonPythonModel:\n    pass")
        with self.assertRaisesRegex(ModelError, "models of its TritonPythonModel kind are not supported yet"):
            self.found("import triton_python_backend_utils")

    def test_arguments_without_a_default_are_named(self):
        with self.assertRaisesRegex(ModelError, r"can be made without arguments.* default: Net \(width, heads\)$"):
            self.found("class Net(nn.Module):\n    def __init__(self, width, heads, deep=1):\n        pass")


class ImportFile(ModelFolderTest):
    def test_an_error_is_told_with_the_line_that_it_is_in(self):
        with self.assertRaisesRegex(ModelError, r"(?s)^failed to import .*line 4, in <module>.*no_such.*NameError"):
            import_file(self.write_model("\nno_such(1)"))

    def test_a_package_that_is_not_there_is_named_with_the_environment(self):
        with self.assertRaisesRegex(ModelError, "the Python environment in /.* lacks 'no_such_package'"):
            import_file(self.write_model("import no_such_package"))

    def test_a_syntax_error_is_one_of_the_model(self):
        with self.assertRaisesRegex(ModelError, "SyntaxError"):
            import_file(self.write_model("class"))

    def test_a_file_that_ends_the_process_does_not(self):
        with self.assertRaisesRegex(ModelError, "SystemExit"):
            import_file(self.write_model("import sys\nsys.exit(3)"))

    def test_nothing_is_written_beside_the_model(self):
        self.write("beside.py", "")
        import_file(self.write_model("import beside"))
        self.assertEqual(self.files(), ["beside.py", "model.py"])


class LoadWeights(ModelFolderTest):
    def loaded(self, text=NET, name="model.py"):
        return load_python_module(self.write_model(text, name), "net")

    def test_a_state_dict_beside_the_file_is_loaded_by_its_names_in_order(self):
        for number, name in enumerate(["model.pt", "model.py.pth", "model.py.pt"]):
            self.save(name, {"scale": torch.tensor([float(number), 5.0])})
            module = self.loaded()
            self.assertEqual(module.scale.tolist(), [float(number), 5.0])
            self.assertFalse(module.training)

    def test_a_file_of_another_name_has_weights_of_that_name(self):
        self.save("model.pt", {})
        self.save("net.pt", {"scale": torch.tensor([3.0, 4.0])})
        self.assertEqual(self.loaded(name="net.py").scale.tolist(), [3.0, 4.0])

    def test_without_one_the_module_is_as_it_was_made_and_the_log_tells(self):
        with self.assertLogs("tandem_host", "INFO") as logs:
            self.assertEqual(self.loaded().scale.tolist(), [1.0, 1.0])
        self.assertIn("INFO:tandem_host:Model parameter file not found for 'net'", logs.output)

    def test_keys_that_the_module_does_not_have_are_named(self):
        self.save("model.py.pt", {"other": torch.ones(2)})
        message = "(?s)does not fit class 'Net'.*Missing key.*scale.*Unexpected key.*other"
        with self.assertRaisesRegex(ModelError, message):
            self.loaded()

    def test_a_pickled_module_is_refused_and_never_unpickled(self):
        self.save("model.py.pt", torch.nn.Linear(1, 1))
        with self.assertRaisesRegex(ModelError, "cannot be loaded as a state_dict, as torch.save"):
            self.loaded()

    def test_what_is_no_state_dict_is_refused(self):
        self.save("model.py.pt", torch.ones(2))
        with self.assertRaisesRegex(ModelError, "must hold a state_dict, got Tensor"):
            self.loaded()

    def test_an_error_in_the_class_is_told_with_its_line(self):
        with self.assertRaisesRegex(ModelError, r"(?s)failed to make class 'Net'.*nn.Linear\(0.*TypeError"):
            self.loaded("class Net(nn.Module):\n    def __init__(self):\n        nn.Linear(0)")


class TorchScript(ModelFolderTest):
    def test_a_scripted_module_is_loaded(self):
        path = str(self.folder / "model.pt")
        torch.jit.script(torch.nn.ReLU()).save(path)
        with self.assertLogs("tandem_host", "INFO") as logs:
            module = load_torchscript_module(path, "net", "cpu")
        self.assertEqual(logs.output, ["INFO:tandem_host:Loading 'net' as TorchScript"])
        self.assertEqual(module(torch.tensor([-1.0])).tolist(), [0.0])

    def test_weights_alone_need_their_class(self):
        self.save("model.pt", {"scale": torch.ones(2)})
        with self.assertRaisesRegex(ModelError, "cannot be loaded as TorchScript; weights alone need a model.py"):
            load_torchscript_module(str(self.folder / "model.pt"), "net")


class FindFunction(ModelFolderTest):
    def test_a_function_is_found_by_its_name(self):
        path = self.write_model("def twice(x):\n    return 2 * x")
        self.assertEqual(find_function(import_file(path), "twice", path)(2), 4)

    def test_another_name_is_an_error_that_tells_which_there_are(self):
        path = self.write_model("def b(x):\n    pass\ndef a(x):\n    pass")
        for name in ("c", "nn"):
            with self.assertRaisesRegex(ModelError, f"there is no function '{name}' in '.*', there are: a, b$"):
                find_function(import_file(path), name, path)


if __name__ == "__main__":
    unittest.main()
