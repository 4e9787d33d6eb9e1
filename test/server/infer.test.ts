import { test } from "uvu";
import * as assert from "uvu/assert";
import { serve } from "../../src/server/serve.js";
import { echoModel, FakeRepository } from "./fake-repository.js";

const repository = new FakeRepository(echoModel());
const server = await serve(repository, { httpAddress: "127.0.0.1", httpPort: 0, metricsPort: 0 });
const url = `http://127.0.0.1:${server.httpPort}/v2/models/echo/infer`;

test("answers JSON with JSON", async () => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "accept-encoding": "identity" },
    body: JSON.stringify({
      id: "7",
      inputs: [{ name: "INPUT0", datatype: "FP32", shape: [2], data: [1, 0.1] }],
    }),
  });
  assert.is(response.status, 200);
  assert.is(response.headers.get("content-type"), "application/json");
  assert.is(
    await response.text(),
    '{"id":"7","model_name":"echo","model_version":"1","outputs":[{"name":"OUTPUT0","datatype":"FP32","shape":[2],"data":[1.0,0.10000000149011612]}]}',
  );
});

test.after(() => server.close());
test.run();
