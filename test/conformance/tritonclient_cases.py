"""Cases that are run against a server: `case("what it shows")` registers one, `run(url)` prints {case: null or what went wrong}."""

import json
import traceback

import tritonclient.http as http
from tritonclient.utils import InferenceServerException

CASES = {}


def case(name):
    def register(function):
        CASES[name] = function
        return function

    return register


def fault(call):
    try:
        call()
    except InferenceServerException as error:
        return error.status(), error.message()
    raise AssertionError("no error")


def run(url):
    outcomes = {}
    for name, function in CASES.items():
        client = http.InferenceServerClient(url, concurrency=16)
        try:
            function(client)
            outcomes[name] = None
        except Exception:
            outcomes[name] = traceback.format_exc(limit=-2)
        finally:
            client.close()
    print(json.dumps(outcomes))
