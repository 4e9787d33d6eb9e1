import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Measurable } from "../config/tensorflow-plans.js";
import { modelByteSize } from "./model-byte-size.js";
import { isRagged, type ModelTensors } from "./model-tensors.js";
import { isSmallModel } from "./small-model.js";

/** What a model's size allows when its way of running is chosen. */
export interface ModelSize {
  /** See `isSmallModel`. */
  readonly isSmall: boolean;
  /** How often it may be loaded to find out how it runs best. */
  readonly measurable: Measurable;
  /** Whether its variables may be held several times more, as constants of a graph. */
  readonly isFreezable: boolean;
}

/** Graphs beyond are not looked through for what may be measured. */
const MEASURABLE_GRAPH_BYTES = 256 * 2 ** 20;
/** Models beyond are not loaded once more for each way of running them: TensorFlow's allocator keeps what it once had. */
const RELOADABLE_BYTES = 64 * 2 ** 20;
/** A graph with constants holds them four times: in its definitions before and after optimising, and twice as tensors. */
const FREEZABLE_BYTES = 32 * 2 ** 20;

/** @param path the SavedModel's directory or the GraphDef's file */
export async function tensorFlowModelSize(
  path: string,
  kind: "saved_model" | "graph_def",
  tensors: ModelTensors,
  batched: boolean,
): Promise<ModelSize> {
  const bytes = await modelByteSize(path);
  const graphBytes = kind === "graph_def" ? bytes : (await stat(join(path, "saved_model.pb"))).size;
  const isMeasurable = hasThreadsPerSession() && !isRagged(tensors) && graphBytes <= MEASURABLE_GRAPH_BYTES;
  const often = bytes <= RELOADABLE_BYTES ? "in several sessions" : "in one session";
  return {
    isSmall: hasThreadsPerSession() && isSmallModel(bytes, tensors.inputs, batched),
    measurable: isMeasurable ? often : "nothing",
    isFreezable: bytes <= FREEZABLE_BYTES,
  };
}

/** Whether a session's threads are its own; the user may have chosen otherwise. */
function hasThreadsPerSession(): boolean {
  return ["1", "true"].includes(process.env.TF_OVERRIDE_GLOBAL_THREADPOOL ?? "");
}
