import { dirname } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Code, load, type Model, type ServingError, type Tensor } from "../../src/index.js";
import { hostProcesses } from "../support/isolated-model.js";
import type { ModelFiles } from "../support/model-files.js";
import { python } from "../support/python.js";
import { pythonConfig, pythonModel, pythonModule } from "../support/python-model.js";
import { TestServer } from "../support/server.js";

const test = suite("a PyTorch model in Python");

const log: string[] = [];
const record = (message: string) => void log.push(message);
const logger = { info: record, warn: record, error: record };
const parameter = (key: string, value: string) =>
  `parameters { key: "${key}" value { string_value: "${value}" } }\n`;

/** Loads the model of `files` and gives it to `use`; both are gone afterwards. */
async function withModel(files: ModelFiles, use: (model: Model) => Promise<unknown>, config?: string) {
  log.length = 0;
  try {
    const model = await load(files.at("net"), { logger, ...(config === undefined ? {} : { config }) });
    try {
      await use(model);
    } finally {
      await model.close();
    }
  } finally {
    files.remove();
  }
}

async function failure(promise: Promise<unknown>): Promise<ServingError> {
  return promise.then(
    () => assert.unreachable("expected an error") as never,
    (error) => error,
  );
}

async function y(model: Model, ...x: number[]): Promise<number[]> {
  const answer = await model.infer({ x: Float32Array.from(x) });
  return [...((answer.y as Tensor).data as Float32Array)];
}

test("requests that wait are put together, and its process ends with it", async () => {
  const rows = pythonModule("time.sleep(0.02); return torch.full_like(x, len(x))");
  await withModel(pythonModel(rows, "dynamic_batching { }"), async (model) => {
    assert.is(hostProcesses().length, 1);
    const answers = await Promise.all(Array.from({ length: 9 }, (_, i) => y(model, i, i)));
    assert.ok(answers.some(([count]) => (count as number) > 1));
    assert.ok([...model.statistics.batches.keys()].some((size) => size > 1));
  });
  assert.equal(hostProcesses(), []);
});

test("an exception is the error of its requests, with the traceback", async () => {
  const code = pythonModule("return x if x.sum() > 0 else self.missing(x)");
  await withModel(pythonModel(code), async (model) => {
    const error = await failure(model.infer({ x: [0, 0] }));
    assert.is(error.code, Code.INTERNAL);
    assert.match(
      error.message,
      "PyTorch execute failure: model 'net': 'Net' object has no attribute 'missing'",
    );
    assert.match(error.message, /model\.py", line 7, in forward/);
    assert.equal(await y(model, 1, 2), [1, 2]);
  });
});

test("what is wrong with the file is the error of the load, and no process is left", async () => {
  const files = pythonModel("import no_such_package\n");
  const { code, message } = await failure(load(files.at("net"), { logger }));
  files.remove();
  assert.is(code, Code.INVALID_ARGUMENT);
  assert.match(
    message,
    /failed to import '.*\/net\/1\/model\.py': the Python environment in .* lacks 'no_such_package'/,
  );
  assert.equal(hostProcesses(), []);
});

test("what is wrong with the configuration is told without a process", async () => {
  const wrong: Record<string, RegExp> = {
    [pythonConfig.replace("TYPE_FP32", "TYPE_STRING")]: /unsupported datatype TYPE_STRING for input 'x'/,
    [pythonConfig.replace(/output .*/, "")]: /must contain at least one output/,
    [pythonConfig + parameter("NUM_THREADS", "none")]: /parameter 'NUM_THREADS'/,
    [pythonConfig + parameter("EXECUTION_ENV_PATH", "/nowhere")]:
      /'EXECUTION_ENV_PATH' .* '\/nowhere' does not exist/,
  };
  const files = pythonModel(pythonModule("return x"));
  for (const [config, message] of Object.entries(wrong)) {
    const error = await failure(load(files.at("net"), { logger, config }));
    assert.match(error.message, message);
  }
  files.remove();
});

test("it runs in the environment that it names, relative to its directory too", async () => {
  const environment = dirname(dirname(python()));
  const named = pythonConfig + parameter("EXECUTION_ENV_PATH", environment) + parameter("FUNCTION", "add");
  const files = pythonModel("def add(x):\n    return x + 1\n");
  const before = process.env.TANDEM_PYTHON;
  process.env.TANDEM_PYTHON = "/nowhere"; // the one it would find
  try {
    await withModel(
      files,
      async (model) => {
        assert.equal(await y(model, 1, 2), [2, 3]);
        assert.ok(log.includes(`model 'net' version 1: runs in ${environment}/bin/python`));
      },
      named,
    );
  } finally {
    process.env.TANDEM_PYTHON = before;
  }
});

test("runtime model.py of the PyTorch backend is the same", async () => {
  const config = pythonConfig.replace(
    'backend: "python" platform: "pytorch"',
    'backend: "pytorch" runtime: "model.py"',
  );
  await withModel(
    pythonModel(pythonModule("return x * 2")),
    async (model) => assert.equal(await y(model, 1, 2), [2, 4]),
    config,
  );
});

test("one that never comes back is ended by the time limit, and another one takes over", async () => {
  const files = pythonModel(
    pythonModule("time.sleep(1000 if x.sum() < 0 else 0); return x"),
    parameter("EXECUTION_TIMEOUT_SECONDS", "0.5"),
  );
  await withModel(files, async (model) => {
    const [first] = hostProcesses();
    const error = await failure(model.infer({ x: [-1, -1] }));
    assert.is(error.code, Code.DEADLINE_EXCEEDED);
    assert.equal(await y(model, 1, 2), [1, 2]);
    assert.is.not(hostProcesses()[0], first);
  });
});

test("what it prints, logs and warns of goes to the server's log with its name", async () => {
  const files = pythonModel(
    pythonModule("print('a line', len(x)); logging.error('an error'); return x") +
      "\nlogging.info('imported')\n",
  );
  const server = await TestServer.start(files.path);
  try {
    const response = await fetch(`${server.url}/v2/models/net/infer`, {
      method: "POST",
      body: JSON.stringify({
        inputs: [{ name: "x", datatype: "FP32", shape: [3, 2], data: [1, 2, 3, 4, 5, 6] }],
      }),
    });
    assert.is(response.status, 200);
    const { outputs } = (await response.json()) as { outputs: { data: number[] }[] };
    assert.equal(outputs[0]?.data, [1, 2, 3, 4, 5, 6]);
  } finally {
    await server.stop();
    files.remove();
  }
  const levels = { I: "a line 3", E: "an error" };
  for (const [level, text] of Object.entries(levels)) {
    assert.match(server.log, new RegExp(`^${level}.*model 'net' version 1: ${text}$`, "m"));
  }
  assert.match(server.log, /^I.*model 'net' version 1: imported$/m);
});

test.run();
