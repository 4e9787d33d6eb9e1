import { test } from "uvu";
import * as assert from "uvu/assert";
import { memoryUse, processorTime } from "../../src/server/processor-metrics.js";
import { serve } from "../../src/server/serve.js";
import { FakeModel, FakeRepository } from "./fake-repository.js";
import { get } from "./http-client.js";

const model = new FakeModel("m", 2, { metricTags: { team: 'a "b"' } });
const other = new FakeModel("other", 1, {});
const repository = new FakeRepository(model, other);
const server = await serve(repository, {
  httpAddress: "127.0.0.1",
  allowHttp: false,
  metricsPort: 0,
});
const origin = `http://127.0.0.1:${server.metricsPort}`;

/** The lines of the page about one metric. */
async function lines(metric: string): Promise<string[]> {
  const { text } = await get(`${origin}/metrics`);
  return text.split("\n").filter((line) => line.split(/[ {]/).includes(metric));
}

test("is plain text in Prometheus' format", async () => {
  const answer = await get(`${origin}/metrics`);
  assert.is(answer.status, 200);
  assert.is(answer.headers["content-type"], "text/plain; charset=utf-8");
});

test("other paths of the port are empty", async () => {
  const { status, text } = await get(`${origin}/`);
  assert.equal([status, text], [200, ""]);
});

test("counts what the models have counted, by model, version and tags", async () => {
  model.statistics.success.count = 7;
  assert.equal(await lines("nv_inference_request_success"), [
    "# HELP nv_inference_request_success Number of successful inference requests, all batch sizes",
    "# TYPE nv_inference_request_success counter",
    'nv_inference_request_success{model="m",version="2",_team="a \\"b\\""} 7',
    'nv_inference_request_success{model="other",version="1"} 0',
  ]);
});

test("failures are there from the start, by reason", async () => {
  other.statistics.failures.REJECTED = 1;
  assert.equal((await lines("nv_inference_request_failure")).slice(6), [
    'nv_inference_request_failure{model="other",version="1",reason="REJECTED"} 1',
    'nv_inference_request_failure{model="other",version="1",reason="CANCELED"} 0',
    'nv_inference_request_failure{model="other",version="1",reason="BACKEND"} 0',
    'nv_inference_request_failure{model="other",version="1",reason="OTHER"} 0',
  ]);
});

test("durations are whole microseconds", async () => {
  other.statistics.computeInfer.add(1_999);
  const [, type, , line] = await lines("nv_inference_compute_infer_duration_us");
  assert.is(type, "# TYPE nv_inference_compute_infer_duration_us counter");
  assert.is(line, 'nv_inference_compute_infer_duration_us{model="other",version="1"} 1');
});

test("has all metrics of requests, and the machine's", async () => {
  const { text } = await get(`${origin}/metrics`);
  assert.equal(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`),
    [
      "nv_inference_request_failure counter",
      "nv_inference_request_success counter",
      "nv_inference_count counter",
      "nv_inference_exec_count counter",
      "nv_inference_pending_request_count gauge",
      "nv_inference_request_duration_us counter",
      "nv_inference_queue_duration_us counter",
      "nv_inference_compute_input_duration_us counter",
      "nv_inference_compute_infer_duration_us counter",
      "nv_inference_compute_output_duration_us counter",
      "nv_model_load_duration_secs gauge",
      "nv_cpu_utilization gauge",
      "nv_cpu_memory_total_bytes gauge",
      "nv_cpu_memory_used_bytes gauge",
    ],
  );
});

test("forgets models that are gone", async () => {
  repository.all.pop();
  assert.is((await lines("nv_inference_count")).length, 3);
});

test("utilization is the share of jiffies that were not idle", () => {
  const stat = "cpu  10 1 5 80 4 2 3 5 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
  assert.equal(processorTime(stat), { busy: 26, total: 110 });
});

test("memory in use is what is not available", () => {
  const meminfo = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    300 kB\n";
  assert.equal(memoryUse(meminfo), { totalBytes: 1_024_000, usedBytes: 716_800 });
});

test.after(() => server.close());
test.run();
