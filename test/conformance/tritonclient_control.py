"""Cases of `tritonclient.http` against a server with explicit model control: `tritonclient_control.py HOST:PORT`."""

import sys

import numpy
import tritonclient.http as http
from tritonclient_cases import case, fault, run


def index(client):
    return {row["name"]: row.get("state") for row in client.get_model_repository_index()}


def tensor(name):
    made = http.InferInput(name, [1, 16], "FP32")
    made.set_data_from_numpy(numpy.ones((1, 16), numpy.float32))
    return made


def infer(client):
    return client.infer("tf-add", [tensor("INPUT0"), tensor("INPUT1")]).as_numpy("OUTPUT0")


@case("has what it was told to load at the start, and knows the rest by name")
def start(client):
    assert client.is_server_ready()
    assert index(client) == {"broken": None, "tf-add": None, "torch-add": "READY"}, index(client)
    assert client.is_model_ready("torch-add") and not client.is_model_ready("tf-add")


@case("loads, unloads and loads a model again")
def control(client):
    for _ in range(3):
        client.load_model("tf-add")
        assert client.is_model_ready("tf-add") and index(client)["tf-add"] == "READY"
        assert (infer(client) == 2).all()
        client.unload_model("tf-add", unload_dependents=True)
        assert not client.is_model_ready("tf-add")
        status, message = fault(lambda: infer(client))
        expected = "Request for unknown model: 'tf-add' has no available versions"
        assert (status, message) == ("404", expected), message
        status, message = fault(lambda: client.get_inference_statistics("tf-add"))
        assert status == "400", message


@case("tells why a model cannot be loaded, and is not ready until it is unloaded")
def failure(client):
    status, message = fault(lambda: client.load_model("broken"))
    assert status == "400" and message.startswith("load failed for model 'broken': version 1 is at"), message
    assert not client.is_server_ready()
    client.unload_model("broken")
    assert client.is_server_ready()


@case("tells what is unknown")
def unknown(client):
    status, message = fault(lambda: client.load_model("unknown"))
    assert (status, message) == ("500", "failed to load 'unknown', failed to poll from model repository"), message
    client.unload_model("unknown")


@case("refuses a configuration of the client's own")
def override(client):
    status, message = fault(lambda: client.load_model("tf-add", config="{}"))
    assert status == "501" and message.startswith("load parameter 'config' is not implemented yet"), message


run(sys.argv[1])
