import { join } from "node:path";
import { randomFloats } from "../test/support/random.js";
import { TestServer } from "../test/support/server.js";
import { inferRequest } from "./load/infer-request.js";
import { madeModels, modelDirectory, newRepository } from "./measure/bench-model.js";
import type { Bench, Outcome } from "./measure/outcome.js";
import { addPeerModels } from "./measure/peer-repository.js";
import { PeerServer } from "./measure/peer-server.js";
import { RACE_ROUNDS, race } from "./measure/race.js";

const request = (model: string) => inferRequest(model, "x", [1, 16], randomFloats(16, 1));

export const http: Bench = {
  name: "http",
  question:
    "How many small binary requests per second does Tandem answer over HTTP, against tritonserver running the same SavedModel in its Python backend?",
  async run(): Promise<Outcome> {
    const repository = newRepository();
    modelDirectory(
      { framework: "tensorflow", network: "tiny", maxBatchSize: 32, dynamicBatching: true },
      repository,
    );
    const tandem = await TestServer.start(repository);
    try {
      const peer = await PeerServer.start(peerRepository());
      try {
        const { rows, loads } = await race({
          tandem: { server: tandem, request: request("tensorflow-tiny") },
          tritonserver: { server: peer, request: request("tiny") },
          "tritonserver, batched": { server: peer, request: request("tiny_batched") },
        });
        return { facts, rows, trials: loads };
      } finally {
        await peer.stop();
      }
    } finally {
      await tandem.stop();
    }
  },
};

const facts = {
  model: "softmax(x·W), FP32 [1,16] to [1,4], TensorFlow SavedModel; equal answers checked first",
  "tandem's model": "one instance, max_batch_size 32, default dynamic batching",
  peer: "tritonserver 2.51 of nvidia-pytriton 0.7.0, one Python instance, max_batch_size 32, default dynamic batching",
  client: `one process, raw sockets with keep-alive, the same for all; ${RACE_ROUNDS} rounds, 2 s each`,
};

/** `tiny`, whose handler calls the model once per request, and `tiny_batched`, whose handler does so once per batch. */
function peerRepository(): string {
  const repository = newRepository();
  const saved_model = join(madeModels("tensorflow"), "tf-tiny");
  addPeerModels(repository, {
    tiny: { handler: "model.py", parameters: { saved_model, batched: "0" } },
    tiny_batched: { handler: "model.py", parameters: { saved_model, batched: "1" } },
  });
  return repository;
}
