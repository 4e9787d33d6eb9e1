"""Compiles a PyTorch model to an AOTInductor package, model.pt2: `tandem compile`.

Reads one JSON object from stdin; src/cli/compile-model.ts makes it. Writes JSON objects to stdout, a line each:
{"stage": "exporting"} when a step begins, at last {"result": {…}}, or {"error": "…"} in words for the model's author.
"""

import copy
import inspect
import itertools
import json
import math
import os
import re
import sys
import tempfile
import time
import traceback
import zipfile

import torch
from torch.export import Dim
from torch.utils import _pytree as pytree

from tandem_host.data_types import NUMBERS
from tandem_host.errors import ModelError
from tandem_host.load_request import TensorSpec
from tandem_host.module_loading import is_python_file, load_python_module

#: Rows of the example that is exported with. Not 0 or 1: the exporter takes these for constants.
EXAMPLE_ROWS = 3
#: Other variable dimensions of the example.
EXAMPLE_SIZE = 8
#: How far results may be from those of the model itself: compiled code adds and multiplies in another order.
TOLERANCE = {"rtol": 1e-3, "atol": 1e-4}
MEASURING_SECONDS = 1.0
#: How lines of torch's messages begin that are about torch.
TORCH_ADVICE = ("For more", "For extended", "For C++", "If you suspect", "The error above occurred", "Caused by: (_export/")


class CompileRequest:
    def __init__(self, message):
        self.model_name = message["modelName"]
        #: A file of Python code, or a program that torch.export.save wrote.
        self.source = message["source"]
        self.output = message["output"]
        self.max_batch_size = message["maxBatchSize"]
        self.device = message["device"]
        #: Those that are passed by position, in this order, then those by keyword.
        self.inputs = [TensorSpec(each["name"], each["dataType"], each["dims"]) for each in message["inputs"]]
        #: By input, the keyword; None: by position.
        self.keywords = [each["keyword"] for each in message["inputs"]]


def main():
    try:
        say(result=compile_model(CompileRequest(json.load(sys.stdin))))
    except ModelError as error:
        say(error=str(error))
        sys.exit(1)


def take_stdout():
    """A file that is what stdout was: what the model prints goes to stderr from now on."""
    messages = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return messages


def say(**message):
    print(json.dumps(message), file=messages, flush=True)


def compile_model(request):
    if request.device != "cpu" and not torch.cuda.is_available():
        raise ModelError(f"torch {torch.__version__} finds no device '{request.device}' to compile for")
    say(stage="loading")
    load = load_module if is_python_file(request.source) else load_program
    program, model, samples = load(request)
    with tempfile.TemporaryDirectory(prefix=".", dir=os.path.dirname(request.output)) as folder:
        candidates = [
            compile_program(program, request, os.path.join(folder, f"{i}.pt2"), settings)
            for i, settings in enumerate(choices(program, request))
        ]
        say(stage="checking")
        packages = [torch._inductor.aoti_load_package(path) for path in candidates]
        checked = [check(model, samples, package) for package in packages]
        times = measure(packages, samples)
        best = times.index(min(times))
        os.replace(candidates[best], request.output)
    difference, results = checked[best]
    arguments, tree = packages[best].loader.get_call_spec()
    return {
        "torchVersion": torch.__version__,
        "packedWeightsGain": times[0] / times[best],
        "difference": difference,
        "arguments": arguments,
        "results": tree,
        "outputs": [{"dataType": NUMBERS.get(each.dtype, 0), "shape": list(each.shape)} for each in results],
    }


def load_module(request):
    """The program of a module's forward, the module, and samples of its arguments."""
    module = load_python_module(request.source, request.model_name).to(request.device)
    args, kwargs = example(request, EXAMPLE_ROWS)
    model = copy.deepcopy(module)
    say(stage="exporting")
    shapes = dynamic_shapes(request, module, args, kwargs)
    try:
        with torch.no_grad():
            program = torch.export.export(module, args, kwargs, dynamic_shapes=shapes)
    except Exception as error:
        raise ModelError(explain("cannot be exported", error, request.source)) from error
    samples = [(args, kwargs)]
    if request.max_batch_size > 0:
        samples.append(example(request, 1))
    return program, model, samples


def load_program(request):
    """What torch.export.save wrote, the same as a module, and the arguments it was exported with."""
    check_kind(request.source)
    try:
        program = torch.export.load(request.source)
    except Exception as error:
        raise ModelError(f"'{request.source}' cannot be read as an exported program: {error}") from error
    if program.example_inputs is None:
        raise ModelError(f"'{request.source}' was saved without its example inputs, which compiling needs")
    return program, program.module(), [program.example_inputs]


def check_kind(path):
    """Programs and compiled packages are archives of the same ending."""
    if not zipfile.is_zipfile(path):
        raise ModelError(f"'{path}' is neither Python code (.py) nor a program that torch.export.save wrote")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if any("/data/aotinductor/" in name for name in names):
        raise ModelError(f"'{path}' is compiled already: it is an AOTInductor package")
    if not any("/models/" in name for name in names):
        raise ModelError(f"'{path}' holds no program that torch.export.save wrote; a model.pt of TorchScript is no such file")


def example(request, rows):
    """Arguments by position and by keyword. Whole numbers are 0 and 1, which most things that are looked up by them have."""
    generator = torch.Generator().manual_seed(0)
    args, kwargs = [], {}
    for spec, keyword in zip(request.inputs, request.keywords):
        sizes = [(rows if is_batch(request, i) else EXAMPLE_SIZE) if size < 0 else size for i, size in enumerate(spec.dims)]
        if spec.dtype.is_floating_point:
            value = torch.rand(sizes, generator=generator).to(spec.dtype)
        else:
            value = torch.randint(0, 2, sizes, generator=generator).to(spec.dtype)
        value = value.to(request.device)
        if keyword is None:
            args.append(value)
        else:
            kwargs[keyword] = value
    return tuple(args), kwargs


def is_batch(request, dimension):
    return dimension == 0 and request.max_batch_size > 0


def dynamic_shapes(request, module, args, kwargs):
    """Every variable dimension of the configuration has to be one of the program; which of them are equal, torch finds."""
    limits = {"min": 1, "max": max(2, request.max_batch_size)}
    wanted = {
        id(value): {
            i: Dim.DYNAMIC(**limits) if is_batch(request, i) else Dim.DYNAMIC
            for i, size in enumerate(spec.dims)
            if size < 0
        }
        for spec, value in zip(request.inputs, (*args, *kwargs.values()))
    }
    signature = inspect.signature(module.forward)
    try:
        arguments = signature.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise ModelError(
            f"the configuration's inputs are not the arguments of forward{signature}: {error}"
        ) from error
    return pytree.tree_map(lambda value: wanted[id(value)], dict(arguments))


def choices(program, request):
    """Settings to compile with, of which the fastest is taken. Weights laid out for the processor pay for large layers, and
    cost for small ones; a buffer that runs change would be taken for a constant."""
    can_pack = request.device == "cpu" and not changes_buffers(program)
    return [{}, {"freezing": True}] if can_pack else [{}]


def compile_program(program, request, path, settings):
    say(stage="compiling, with packed weights" if settings else "compiling")
    try:
        with torch.no_grad():
            torch._inductor.aoti_compile_and_package(
                program, package_path=path, inductor_configs={**inductor_settings(), **settings}
            )
    except Exception as error:
        raise ModelError(explain("cannot be compiled", error, request.source)) from error
    return path


def inductor_settings():
    """Those of ours that this version of torch has."""
    wanted = {
        # So that another version refuses it by name.
        "aot_inductor.metadata": {"TORCH_VERSION": torch.__version__},
        # Programs are said to take two rows and more; they do take one.
        "aot_inductor.check_lowerbound": False,
        # The number of threads is each instance's, not the number of processors where the package was made.
        "cpp.dynamic_threads": True,
    }
    known = torch._inductor.config.get_config_copy()
    return {key: value for key, value in wanted.items() if key in known}


def changes_buffers(program):
    """Which an exported program tells once its operations are those that change nothing but what is said."""
    return bool(program.run_decompositions({}).graph_signature.buffers_to_mutate)


def check(model, samples, package):
    """Compares the package's results with the own ones of a copy of the model for each sample.

    Returns the largest difference of two numbers, and the first sample's results.
    Raises ModelError if one is too large.
    """
    model = copy.deepcopy(model)
    largest = 0.0
    results = []
    for sample in samples:
        expected = run(model, sample)
        results.append(run(package, sample))
        for i, (one, other) in enumerate(zip(expected, results[-1], strict=True)):
            try:
                torch.testing.assert_close(other, one, equal_nan=True, **TOLERANCE)
            except AssertionError as error:
                raise ModelError(f"the compiled model gives another result {i} than the model itself: {error}") from error
            if one.is_floating_point() and one.numel() > 0:
                largest = max(largest, (other.double() - one.double()).abs().nan_to_num(0).max().item())
    return largest, results[0]


def run(model, sample):
    """The leaves of what it returns; it may change its arguments."""
    args, kwargs = copy.deepcopy(sample)
    with torch.no_grad():
        return [leaf.clone() for leaf in pytree.tree_leaves(model(*args, **kwargs))]


def measure(packages, samples):
    """Seconds of a run of each package: the fastest of each sample, and the geometric mean of these. They take turns."""
    if len(packages) == 1:
        return [1.0]
    fastest = [[math.inf] * len(samples) for _ in packages]
    until = time.perf_counter() + MEASURING_SECONDS
    while time.perf_counter() < until or math.inf in itertools.chain(*fastest):
        for package, times in zip(packages, fastest):
            for i, (args, kwargs) in enumerate(samples):
                started = time.perf_counter()
                package(*args, **kwargs)
                times[i] = min(times[i], time.perf_counter() - started)
    return [math.prod(times) ** (1 / len(times)) for times in fastest]


def explain(what, error, source):
    """The reasons that torch gives without its advice for its own developers, and the line of the model where it stopped."""
    reasons = [line for line in str(error).strip().splitlines() if not line.startswith(TORCH_ADVICE)]
    text = f"{what}: {type(error).__name__}: " + re.sub(r"\n{2,}", "\n", "\n".join(reasons)).strip()
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename == source]
    if frames and "The following call raised this error" not in text:
        text += f"\nat {source}:{frames[-1].lineno}, in {frames[-1].name}: {frames[-1].line}"
    return text


if __name__ == "__main__":
    messages = take_stdout()
    main()
