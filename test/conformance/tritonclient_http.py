"""Cases of `tritonclient.http` against a server: `tritonclient_http.py HOST:PORT` prints {case: null or what went wrong}."""

import sys

import numpy
import tritonclient.http as http
from tritonclient_cases import case, fault, run


def tensor(name, array, datatype, binary=True):
    made = http.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def wanted(name, binary=True, classes=0):
    return http.InferRequestedOutput(name, binary_data=binary, class_count=classes)


NUMBERS = {
    "BOOL": numpy.array([[True, False, True]]),
    "UINT8": numpy.array([[0, 1, 255]], numpy.uint8),
    "INT8": numpy.array([[-128, 0, 127]], numpy.int8),
    "INT16": numpy.array([[-(2**15), 0, 2**15 - 1]], numpy.int16),
    "INT32": numpy.array([[-(2**31), 0, 2**31 - 1]], numpy.int32),
    "INT64": numpy.array([[-(2**63), 2**53 + 1, 2**63 - 1]], numpy.int64),
    "FP16": numpy.array([[0.1, -65504, numpy.inf]], numpy.float16),
    "FP32": numpy.array([[0.1, -3.4e38, 1e-45]], numpy.float32),
    "FP64": numpy.array([[0.1, 1e308, 5e-324]], numpy.float64),
    "UINT16": numpy.array([[0, 1, 2**16 - 1]], numpy.uint16),
    "UINT32": numpy.array([[0, 1, 2**32 - 1]], numpy.uint32),
    "UINT64": numpy.array([[0, 2**53 + 1, 2**64 - 1]], numpy.uint64),
}


def identity(client, model, suffix, datatype, array, binary):
    inputs = [tensor(f"INPUT{suffix}", array, datatype, binary)]
    answer = client.infer(model, inputs, outputs=[wanted(f"OUTPUT{suffix}", binary)])
    got = answer.as_numpy(f"OUTPUT{suffix}")
    assert got.dtype == array.dtype and got.shape == array.shape, (got.dtype, got.shape)
    assert got.tobytes() == array.tobytes(), got


@case("is live and ready, and so is a model")
def health(client):
    assert client.is_server_live() and client.is_server_ready()
    assert client.is_model_ready("tf-add") and client.is_model_ready("tf-add", "1")
    assert not client.is_model_ready("none")


@case("describes itself and its models")
def metadata(client):
    assert client.get_server_metadata()["name"] == "triton"
    described = client.get_model_metadata("tf-add", "1")
    assert described["platform"] == "tensorflow_savedmodel", described
    assert described["inputs"][0] == {"name": "INPUT0", "datatype": "FP32", "shape": [-1, 16]}, described
    config = client.get_model_config("torch-labels")
    assert config["max_batch_size"] == 8 and config["input"][0]["dims"] == [4], config
    states = {row["name"]: row["state"] for row in client.get_model_repository_index()}
    assert states["tf-add"] == "READY", states


@case("carries every number as binary data")
def binary_numbers(client):
    for datatype, array in NUMBERS.items():
        identity(client, f"tf-identity-{datatype.lower()}", "0", datatype, array, True)


@case("carries every number as JSON, but for half precision")
def json_numbers(client):
    for datatype, array in NUMBERS.items():
        if datatype != "FP16":
            identity(client, f"tf-identity-{datatype.lower()}", "0", datatype, array, False)


@case("carries strings and bytes in both forms")
def strings(client):
    texts = numpy.array([["", "plain", "Grüße \N{GRINNING FACE}"]], dtype=object)
    for binary in (True, False):
        answer = client.infer(
            "tf-identity-bytes", [tensor("INPUT0", texts, "BYTES", binary)], outputs=[wanted("OUTPUT0", binary)]
        )
        # The client gives bytes for binary data and text for JSON.
        got = [text if isinstance(text, str) else text.decode() for text in answer.as_numpy("OUTPUT0").flatten()]
        assert got == list(texts[0]), got
    raw = numpy.array([[b"\x00\xff\xfe"]], dtype=object)
    answer = client.infer("tf-identity-bytes", [tensor("INPUT0", raw, "BYTES")])
    assert answer.as_numpy("OUTPUT0")[0][0] == raw[0][0]


@case("mixes binary data and JSON in one request and one response")
def mixed(client):
    left = numpy.arange(16, dtype=numpy.float32).reshape(1, 16)
    right = numpy.full((1, 16), 0.5, numpy.float32)
    for first, second in ((True, False), (False, True)):
        answer = client.infer(
            "tf-add",
            [tensor("INPUT0", left, "FP32", first), tensor("INPUT1", right, "FP32", second)],
            outputs=[wanted("OUTPUT1", second), wanted("OUTPUT0", first)],
            request_id="a-1",
        )
        response = answer.get_response()
        assert response["id"] == "a-1" and response["model_version"] == "1", response
        assert [output["name"] for output in response["outputs"]] == ["OUTPUT1", "OUTPUT0"], response
        assert (answer.as_numpy("OUTPUT0") == left + right).all()
        assert (answer.as_numpy("OUTPUT1") == left - right).all()


@case("gives all outputs where none is named")
def all_outputs(client):
    data = numpy.ones((2, 16), numpy.float32)
    answer = client.infer("tf-add", [tensor("INPUT0", data, "FP32"), tensor("INPUT1", data, "FP32")])
    assert (answer.as_numpy("OUTPUT0") == 2).all() and (answer.as_numpy("OUTPUT1") == 0).all()


@case("names classes with their labels")
def classification(client):
    rows = numpy.eye(4, dtype=numpy.float32)[:2]
    for model, given, asked in (("tf-labels", "x", "scores"), ("torch-labels", "INPUT__0", "OUTPUT__0")):
        scores = client.infer(model, [tensor(given, rows, "FP32")]).as_numpy(asked)
        for binary in (True, False):
            answer = client.infer(model, [tensor(given, rows, "FP32")], outputs=[wanted(asked, binary, classes=2)])
            got = answer.as_numpy(asked)
            assert got.shape == (2, 2), got
            for row, texts in zip(scores, got):
                order = numpy.argsort(-row, kind="stable")[:2]
                labels = ["zero", "one", "two", None]
                expected = ["%f:%d" % (row[i], i) + (f":{labels[i]}" if labels[i] else "") for i in order]
                assert [text if isinstance(text, str) else text.decode() for text in texts] == expected, (texts, expected)


@case("compresses requests and responses")
def compression(client):
    data = numpy.zeros((1, 16), numpy.float32)
    for way in ("gzip", "deflate"):
        answer = client.infer(
            "tf-add",
            [tensor("INPUT0", data, "FP32"), tensor("INPUT1", data, "FP32")],
            request_compression_algorithm=way,
            response_compression_algorithm=way,
        )
        assert (answer.as_numpy("OUTPUT0") == data).all()


@case("answers many requests at a time, each with its own result")
def concurrency(client):
    pending = []
    for i in range(200):
        data = numpy.full((1 + i % 3, 16), i, numpy.float32)
        inputs = [tensor("INPUT0", data, "FP32"), tensor("INPUT1", data, "FP32")]
        pending.append((data, client.async_infer("tf-add", inputs)))
    for data, request in pending:
        assert (request.get_result().as_numpy("OUTPUT0") == data + data).all()


@case("counts what was inferred")
def statistics(client):
    data = numpy.zeros((3, 16), numpy.float32)

    def count():
        (model,) = client.get_inference_statistics("tf-add")["model_stats"]
        return model["inference_count"], model["inference_stats"]["success"]["count"]

    inferences, successes = count()
    client.infer("tf-add", [tensor("INPUT0", data, "FP32"), tensor("INPUT1", data, "FP32")])
    assert count() == (inferences + 3, successes + 1), count()


@case("takes a raw request for a model with one input")
def raw_request(client):
    # INT64 [-1,-1] is two variable dimensions without the batch: labels has [4].
    data = numpy.ones((1, 4), numpy.float32)
    expected = client.infer("tf-labels", [tensor("x", data, "FP32")]).as_numpy("scores")
    response = client._post("v2/models/tf-labels/infer", data.tobytes(), {"Inference-Header-Content-Length": 0}, None)
    assert response.status_code == 200, response.read()
    length = int(response.get("Inference-Header-Content-Length"))
    assert response.read()[length:] == expected.tobytes()


@case("says what is wrong with a request")
def faults(client):
    data = numpy.zeros((1, 16), numpy.float32)
    both = [tensor("INPUT0", data, "FP32"), tensor("INPUT1", data, "FP32")]
    assert fault(lambda: client.infer("none", both)) == ("404", "Request for unknown model: 'none' is not found")
    status, message = fault(lambda: client.infer("tf-add", both[:1]))
    assert status == "400" and "expected 2 inputs but got 1 inputs for model 'tf-add'" in message, message
    wide = numpy.zeros((1, 17), numpy.float32)
    status, message = fault(lambda: client.infer("tf-add", [both[0], tensor("INPUT1", wide, "FP32")]))
    assert status == "400" and "Expected [-1,16], got [1,17]" in message, message
    ints = tensor("INPUT1", data.astype(numpy.int32), "INT32")
    status, message = fault(lambda: client.infer("tf-add", [both[0], ints], request_id="r"))
    expected = "[request id: r] inference input 'INPUT1' data-type is 'INT32', but model 'tf-add' expects 'FP32'"
    assert (status, message) == ("400", expected), message
    status, message = fault(lambda: client.infer("tf-add", both, outputs=[wanted("NONE")]))
    assert (status, message) == ("400", "unexpected inference output 'NONE' for model 'tf-add'"), message


@case("refuses what it does not offer, by name")
def refusals(client):
    status, message = fault(lambda: client.load_model("tf-add"))
    assert (status, message) == ("503", "explicit model load / unload is not allowed if polling is enabled"), message
    status, message = fault(lambda: client.register_system_shared_memory("r", "/k", 8))
    assert status == "501" and message.startswith("Client shared memory is disabled."), message
    assert client.get_system_shared_memory_status() == []


run(sys.argv[1])
