"""The Python host as a process, spoken to as the server does."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import unittest

import torch
from fake_server import FakeServer, load_request
from model_folder import ModelFolderTest

X = ("x", torch.float32, [-1, 2])
Y = ("y", torch.float32, [-1, 2])


def forward(body, signature="x"):
    """A module whose forward is `body`."""
    head = f"import time, logging, warnings\nclass Net(nn.Module):\n    def forward(self, {signature}):\n"
    return f"{head}        {body}\n"


class HostTest(ModelFolderTest):
    def start(self, model, inputs=(X,), outputs=(Y,), env=None, **request):
        """A host that has loaded `model`, or has failed to."""
        path = self.write_model(model)
        server = FakeServer(load_request(path, inputs, outputs, **request), env)
        self.addCleanup(server.close)
        return server


class Loading(HostTest):
    def test_a_model_is_told_to_be_loaded_with_the_versions_of_python_and_torch(self):
        server = self.start(forward("return x"))
        self.assertEqual(server.messages[0], {"type": "started"})
        self.assertEqual(server.outcome["type"], "loaded")
        self.assertEqual(server.outcome["details"]["torch"], torch.__version__)
        self.assertFalse(server.outcome["details"]["compiled"])
        self.assertIn(
            "Torch parallelism settings for 'net': NUM_THREADS = 2; NUM_INTEROP_THREADS = 1;",
            self.start(forward("return x"), threads=2).logged("info"),
        )

    def test_a_model_that_cannot_be_loaded_is_told_with_the_reason_and_the_host_ends(self):
        server = self.start(forward("return x") + "no_such\n")
        self.assertEqual((server.outcome["type"], server.outcome["code"]), ("failed", 3))
        self.assertRegex(server.outcome["message"], "(?s)failed to import.*NameError: name 'no_such'")
        self.assertEqual(server.process.wait(10), 1)

    def test_an_environment_without_torch(self):
        self.write("torch.py", "raise ImportError('no torch here')")
        server = self.start(forward("return x"), env={"PYTHONPATH": str(self.folder)})
        message = "(?s)the Python environment in /.* cannot import torch:.*no torch here"
        self.assertRegex(server.outcome["message"], message)

    def test_a_file_of_the_host_s_names_is_the_model_s_own(self):
        self.write("errors.py", "offset = 1.0")
        self.write("host.py", "offset = 2.0")
        server = self.start("import errors, host\n" + forward("return x + errors.offset + host.offset"))
        self.assertEqual(server.infer([torch.zeros(1, 2)])[0].tolist(), [[3.0, 3.0]])

    def test_torchscript_without_python_code_runs_as_it_is(self):
        path = self.folder / "model.pt"
        torch.jit.script(torch.nn.ReLU()).save(path)
        server = FakeServer(load_request(path, [X], [Y], compile=True))
        self.addCleanup(server.close)
        self.assertIn("Loading 'net' as TorchScript", server.logged("info"))
        self.assertFalse(server.outcome["details"]["compiled"])
        self.assertEqual(server.infer([torch.tensor([[-1.0, 1.0]])])[0].tolist(), [[0.0, 1.0]])

        server = FakeServer(load_request(path, [X], [Y], function="twice"))
        self.addCleanup(server.close)
        message = "is TorchScript: parameter 'FUNCTION' names a function of a model.py"
        self.assertRegex(server.outcome["message"], message)

    def test_without_a_compiler_the_module_runs_as_it_is_written(self):
        env = {"CXX": "/no/such/compiler", "TORCHINDUCTOR_CACHE_DIR": str(self.folder / "cache")}
        server = self.start(forward("return x * 2 + 1"), env=env, compile=True)
        self.assertEqual(server.outcome["type"], "loaded")
        self.assertFalse(server.outcome["details"]["compiled"])
        (warning,) = [each for each in server.logged("warn") if "'net' cannot be compiled and runs as it is" in each]
        self.assertIn("/no/such/compiler", warning)
        self.assertEqual(server.infer([torch.ones(3, 2)])[0].tolist(), [[3.0, 3.0]] * 3)

    def test_a_function_is_served_by_its_name(self):
        server = self.start("def twice(x):\n    return 2 * x\n" + forward("return x"), function="twice")
        self.assertEqual(server.infer([torch.ones(1, 2)])[0].tolist(), [[2.0, 2.0]])

    def test_a_model_that_places_itself_needs_parameters_to_tell_where(self):
        kind = [{"name": "net", "kind": "KIND_MODEL", "device": 0}]
        request = {**load_request(self.write_model(forward("return x")), [X], [Y]), "instances": kind}
        with contextlib.closing(FakeServer(request)) as server:
            self.assertRegex(server.outcome["message"], "^Cannot determine model device")
        self.write_model("class Net(nn.Linear):\n    def __init__(self):\n        super().__init__(2, 2)\n")
        with contextlib.closing(FakeServer(request)) as server:
            self.assertEqual(server.infer([torch.zeros(3, 2)])[0].shape, (3, 2))


class Telling(HostTest):
    def test_prints_are_whole_lines_and_logging_and_warnings_are_messages_by_level(self):
        tells = "print('a', 'line'); logging.info('an info'); logging.error('an error'); warnings.warn('beware')"
        server = self.start(forward(f"{tells}; return x"))
        server.infer([torch.zeros(1, 2)])
        printed = server.close()
        self.assertIn("a line\n", printed)
        self.assertIn("an info", server.logged("info"))
        self.assertIn("an error", server.logged("error"))
        self.assertTrue(any("UserWarning: beware" in message for message in server.logged("warn")))

    def test_a_logger_of_the_model_s_may_tell_more(self):
        logger = "import logging\nlog = logging.getLogger('mine')\nlog.setLevel('DEBUG')\n"
        server = self.start(logger + forward("log.debug('%d rows', len(x)); return x"))
        server.infer([torch.zeros(3, 2)])
        server.close()
        self.assertIn("3 rows", server.logged("debug"))

    def test_a_model_that_refuses_made_up_inputs_is_loaded_and_the_log_tells(self):
        server = self.start(forward("assert x.sum() > 0; return x"))
        self.assertEqual(server.outcome["type"], "loaded")
        told = "\n".join(server.logged("info"))
        self.assertRegex(told, r"'net' was not warmed up: it refuses zeros of the shapes \[8, 2\]")
        self.assertEqual(server.infer([torch.ones(1, 2)])[0].tolist(), [[1.0, 1.0]])


class Ending(HostTest):
    def test_the_host_ends_with_the_control_socket_whatever_the_model_does(self):
        server = self.start(forward("time.sleep(0 if x.sum() == 0 else 1000); return x"))
        server.send([torch.ones(1, 2)])
        server.close()
        self.assertIsNotNone(server.process.returncode)

    CHILD = """
import subprocess
child = subprocess.Popen(['sleep', '1000'])
open(__file__ + '.child', 'w').write(str(child.pid))
"""

    def child(self):
        return int((self.folder / "model.py.child").read_text())

    def test_processes_that_a_model_has_started_end_with_it(self):
        self.start(self.CHILD + forward("return x")).close()
        self.assertTrue(ends(self.child()))

    def test_all_of_them_end_with_a_server_that_is_killed(self):
        host = self.killed_server(self.CHILD + forward("return x"))
        self.assertTrue(ends(host))
        self.assertTrue(ends(self.child()))

    def test_a_model_that_keeps_python_s_lock_for_ever_ends_with_a_server_that_is_killed(self):
        # libc's sleep through PyDLL keeps the lock, so the control socket is not read.
        sleep = "ctypes.PyDLL(None).sleep(0 if x.sum() == 0 else 1000)"
        host = self.killed_server("import ctypes\n" + forward(f"{sleep}; return x"), "server.send([torch.ones(1, 2)])")
        self.assertTrue(ends(host))

    def killed_server(self, model, then=""):
        """Has another process load the model, do something and kill itself. Returns the id of the host."""
        script = f"""
import os, signal, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
import torch
from fake_server import FakeServer, load_request
X, Y = ("x", torch.float32, [-1, 2]), ("y", torch.float32, [-1, 2])
server = FakeServer(load_request({self.write_model(model)!r}, [X], [Y]))
{then}
print(server.process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
        ran = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        self.assertEqual(ran.returncode, -signal.SIGKILL)
        return int(ran.stdout)


def ends(pid):
    """Whether a process is gone, or a zombie that nobody waits for, within ten seconds."""
    for _ in range(1000):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().split(")")[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


if __name__ == "__main__":
    unittest.main()
