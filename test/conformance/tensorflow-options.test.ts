/** `--backend-config=tensorflow,…` and the graph's optimisation level, on models that TensorFlow made. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { load, parseBackendConfig } from "../../src/index.js";
import { rejection } from "../model/make-model.js";
import { assertTensors } from "../support/compare.js";
import { fixture, fixtureCases } from "../support/fixtures.js";
import { inferRemotely, remoteFailures } from "../support/remote-model.js";
import { TemporaryRepository } from "../support/repository.js";
import { TestServer } from "../support/server.js";

const models = ["tf-simple-save", "tf-add", "tf-on-gpu"];
const repository = new TemporaryRepository(Object.fromEntries(models.map((name) => [name, name])));

async function assertAnswers(server: TestServer, name: string): Promise<void> {
  const [first] = fixtureCases(name);
  assertTensors(await inferRemotely(server.url, name, first!.inputs), first!.outputs);
}

/** Lets `act` have a server with these options, and stops it whatever comes of that. */
async function withServer(
  options: readonly string[],
  act: (server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await TestServer.start(repository.path, options);
  try {
    await act(server);
  } finally {
    await server.stop();
  }
}

test("version=2, as by default: models of TensorFlow 1 and 2, and on the CPU what is meant for a GPU that is not there", async () => {
  await withServer(["--backend-config=tensorflow,version=2"], async (server) => {
    for (const name of models) await assertAnswers(server, name);
    assert.not.match(server.log, "version=1");
  });
});

test("version=1 runs both, with a warning", async () => {
  await withServer(["--backend-config=tensorflow,version=1"], async (server) => {
    for (const name of models) await assertAnswers(server, name);
    assert.match(server.log, "TensorFlow 1 models are run by the TensorFlow 2 library");
  });
});

test("allow-soft-placement=false refuses a model that is meant for a GPU that is not there", async () => {
  const options = ["--exit-on-error=false", "--backend-config=tensorflow,allow-soft-placement=false"];
  await withServer(options, async (server) => {
    await assertAnswers(server, "tf-add");
    assert.match(
      (await remoteFailures(server.url))["tf-on-gpu"] as string,
      /unable to load model 'tf-on-gpu': Cannot assign a device for operation y.*GPU:0/s,
    );
  });
});

for (const [setting, message] of [
  ["version=3", "unexpected TensorFlow library version '3', expects 2."],
  [
    "gpu-memory-fraction=1.1",
    "--backend-config=tensorflow,gpu-memory-fraction must be from 0 to 1, got '1.1'",
  ],
  [
    "gpu-memory-fraction=-0.5",
    "--backend-config=tensorflow,gpu-memory-fraction must be from 0 to 1, got '-0.5'",
  ],
] as const) {
  test(`${setting} is an error`, async () => {
    const backendConfig = parseBackendConfig([`tensorflow,${setting}`]);
    assert.is((await rejection(load(fixture("tf-add"), { backendConfig }))).message, message);
  });
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };

for (const level of [-1, 0, 1, 2]) {
  test(`optimization level ${level} answers the same`, async () => {
    const config = { optimization: { graph: { level } } };
    await using model = await load(fixture("tf-mlp"), { config, logger: silent });
    for (const { inputs, outputs } of fixtureCases("tf-mlp")) {
      const answer = await model.infer(Object.fromEntries(inputs.map((tensor) => [tensor.name, tensor])));
      assertTensors(Object.values(answer), outputs);
    }
  });
}

/** Whether XLA puts operations together into clusters, as TensorFlow's own record of its passes says. */
function usesXla(level: number): boolean {
  const folder = mkdtempSync(join(tmpdir(), "tandem-xla-"));
  const program = `
    import { load } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
    const config = { optimization: { graph: { level: ${level} } } };
    const model = await load(${JSON.stringify(fixture("tf-mlp"))}, { config });
    await model.infer({ x: new Float32Array(32) });
    await model.close();`;
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", program],
    {
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
      encoding: "utf8",
      env: {
        ...process.env,
        // XLA leaves CPUs and graphs as small as this alone unless it is told not to.
        TF_XLA_FLAGS: "--tf_xla_cpu_global_jit --tf_xla_min_cluster_size=1 --tf_xla_clustering_debug",
        TF_DUMP_GRAPH_PREFIX: folder,
      },
    },
  );
  assert.is(status, 0, stderr);
  const clustered = readdirSync(folder)
    .filter((name) => name.startsWith("mark_for_compilation"))
    .some((name) => readFileSync(join(folder, name), "utf8").includes("_XlaCluster"));
  rmSync(folder, { recursive: true });
  return clustered;
}

test("optimization levels above 0 switch XLA on", () => {
  assert.equal([-1, 0, 1, 2].map(usesXla), [false, false, true, true]);
});

test.after(() => repository.remove());
test.run();
