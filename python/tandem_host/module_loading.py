"""A model's file made into a torch module: the class in it, and the weights beside it.

    model.py       with a class that extends torch.nn.Module, made without arguments
    model.py.pt    its state_dict; also model.py.pth or model.pt; optional
    model.pt       without model.py: TorchScript

Files of other names are told apart by their ending, .py or not.

What is worth knowing goes to `logging`.
"""

import importlib.util
import inspect
import logging
import os
import sys
import warnings

import torch

from .errors import ModelError, describe

log = logging.getLogger("tandem_host")


def is_python_file(path):
    return path.endswith(".py")


def load_python_module(path, model_name):
    """A torch.nn.Module as a file of Python code defines it, with its weights where there are any; on the CPU, in
    evaluation mode.

    Raises ModelError.
    """
    module_class = find_module_class(import_file(path), path)
    module = make_module(module_class, path)
    load_weights(module, path, model_name)
    return module.eval()


def load_torchscript_module(path, model_name, device=None):
    """A TorchScript module in evaluation mode.

    device: where to; None: where it was when it was saved
    Raises ModelError.
    """
    log.info("Loading '%s' as TorchScript", model_name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # that TorchScript will go is not news of this model
            return torch.jit.load(path, map_location=device).eval()
    except Exception as error:
        raise ModelError(
            f"'{path}' cannot be loaded as TorchScript; weights alone need a model.py beside them, "
            f"with the class they belong to: {error}"
        ) from error


def import_file(path):
    """Runs a file of Python code as a module. Modules beside it can be imported by it, as those beside a script.

    Raises ModelError with the end of the traceback.
    """
    # Compiled code beside the model would look like a change of the model to a server that polls its repository.
    sys.dont_write_bytecode = True
    directory = os.path.dirname(os.path.abspath(path))
    if directory not in sys.path:
        sys.path.insert(0, directory)
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ModelError(f"failed to import '{path}':{_hint(error)}\n{describe(error)}") from error
    return module


def _hint(error):
    if isinstance(error, ModuleNotFoundError) and error.name == "triton_python_backend_utils":
        return " it is made for Triton's Python backend, and models of its TritonPythonModel kind are not supported yet"
    if isinstance(error, ModuleNotFoundError):
        return f" the Python environment in {sys.prefix} lacks '{error.name}'"
    return ""


def find_module_class(python_module, path):
    """The class to serve: the first one in alphabetical order that extends torch.nn.Module and can be made without
    arguments. Abstract classes do not count, nor do torch's own, which a file may import by name.

    Raises ModelError if there is none.
    """
    classes = _module_classes(python_module)
    if not classes:
        if hasattr(python_module, "TritonPythonModel"):
            raise ModelError(
                f"'{path}' has a TritonPythonModel class: such Python models are not supported yet, only classes that "
                "extend torch.nn.Module"
            )
        raise ModelError(f"Cannot find a subclass of torch.nn.Module in '{path}'")
    makeable = {name: each for name, each in classes.items() if not _required_arguments(each)}
    if not makeable:
        needs = "; ".join(f"{name} ({', '.join(_required_arguments(each))})" for name, each in classes.items())
        raise ModelError(
            f"no subclass of torch.nn.Module in '{path}' can be made without arguments. Each has arguments without a "
            f"default: {needs}"
        )
    chosen = next(iter(makeable))
    if len(classes) > 1:
        log.warning(
            "'%s' has several subclasses of torch.nn.Module: %s. Served is %s, the first in alphabetical order that "
            "can be made without arguments",
            path,
            ", ".join(classes),
            chosen,
        )
    return makeable[chosen]


def _module_classes(python_module):
    """By attribute name, in alphabetical order; a class of several names counts by its first."""
    found = {}
    for name in sorted(vars(python_module)):
        value = getattr(python_module, name)
        if not inspect.isclass(value) or not issubclass(value, torch.nn.Module):
            continue
        is_own = value.__module__.split(".")[0] != "torch" and not inspect.isabstract(value)
        if is_own and value not in found.values():
            found[name] = value
    return found


def _required_arguments(module_class):
    try:
        parameters = inspect.signature(module_class).parameters.values()
    except (TypeError, ValueError):
        return []
    optional_kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in optional_kinds]


def make_module(module_class, path):
    try:
        return module_class()
    except (Exception, SystemExit) as error:
        raise ModelError(
            f"failed to make class '{module_class.__name__}' of '{path}':\n{describe(error)}"
        ) from error


def load_weights(module, path, model_name):
    """Loads the state_dict that lies beside the file `path`; without one the module keeps the weights it was made with.

    Raises ModelError if it is not a state_dict of this module. Nothing but tensors and plain values is unpickled.
    """
    stem = os.path.splitext(path)[0]
    weights = next((each for each in (f"{path}.pt", f"{path}.pth", f"{stem}.pt") if os.path.isfile(each)), None)
    if weights is None:
        log.info("Model parameter file not found for '%s'", model_name)
        return
    try:
        state = torch.load(weights, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelError(
            f"'{weights}' cannot be loaded as a state_dict, as torch.save(module.state_dict(), …) writes it: {error}"
        ) from error
    if not isinstance(state, dict):
        raise ModelError(f"'{weights}' must hold a state_dict, got {type(state).__name__}")
    try:
        module.load_state_dict(state)
    except Exception as error:
        raise ModelError(f"'{weights}' does not fit class '{type(module).__name__}' of '{path}': {error}") from error


def find_function(python_module, name, path):
    """A function at the top of a model's file.

    Raises ModelError, naming those that are there.
    """
    function = getattr(python_module, name, None)
    if callable(function) and not inspect.isclass(function):
        return function
    there = sorted(key for key, value in vars(python_module).items() if inspect.isfunction(value))
    raise ModelError(f"there is no function '{name}' in '{path}', there are: {', '.join(there) or 'none'}")
