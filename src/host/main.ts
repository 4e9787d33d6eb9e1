/**
 * A model's own process: loads a model of the TensorFlow or PyTorch backend as the server would, and runs the batches that
 * the server sends.
 *
 * @see docs/host-protocol.md
 */
import { Socket } from "node:net";
import { inProcessLoader } from "../engine/in-process-loaders.js";
import { forEachLine } from "../engine/lines.js";
import { decodeIsolatedRequest } from "../engine/load-isolated-model.js";
import { ServingError } from "../inference/serving-error.js";

const CONTROL = 3;
const FIRST_CHANNEL = 4;

const control = new Socket({ fd: CONTROL, readable: true, writable: true });
const tell = (message: object) => control.write(`${JSON.stringify(message)}\n`);
const log = (level: string) => (message: string) => tell({ type: "log", level, message });

/** Keeps the model, whose threads serve the channels. */
let model: unknown;

// With the server, or because it has no more use for this process: nothing is worth waiting for.
const end = () => process.kill(process.pid, "SIGKILL");
control.on("close", end);
control.on("error", end);
tell({ type: "started" });
forEachLine(control, async (line) => {
  const { instances, request } = JSON.parse(line) as { instances: number; request: string };
  try {
    model = await load(request, instances);
    tell({ type: "loaded", details: { plans: (model as { plans?: unknown }).plans } });
  } catch (error) {
    const { code, message } = ServingError.from(error);
    tell({ type: "failed", code, message });
  }
});

async function load(encoded: string, instances: number): Promise<unknown> {
  const request = decodeIsolatedRequest(encoded);
  const loader = await inProcessLoader(request.config);
  return loader({
    ...request,
    channels: Array.from({ length: instances }, (_, i) => ({
      socket: FIRST_CHANNEL + 2 * i,
      memory: FIRST_CHANNEL + 2 * i + 1,
    })),
    logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    warn: log("warn"),
  });
}
