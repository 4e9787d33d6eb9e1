import { dirname, resolve } from "node:path";
import { checkGraphDef, checkSavedModel } from "../config/check-tensorflow-model.js";
import { readGraphDefinition } from "../config/graph-definition.js";
import type { SignatureTensor } from "../config/saved-model-signature.js";
import { tensorFlowBackendOptions } from "../config/tensorflow-options.js";
import { tensorFlowParameters } from "../config/tensorflow-parameters.js";
import { Code, invalidArgument, ServingError } from "../inference/serving-error.js";
import { loadAddon } from "./addon.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { EngineModel } from "./engine-model.js";
import { findTensorflow } from "./find-tensorflow.js";
import { readInitOperations } from "./init-operations.js";
import { modelTensors, nativeInputs } from "./model-tensors.js";
import { type NativeTensorSpec, nativeTensorSpec } from "./native-addon.js";
import { NativeModel, newSlot } from "./native-model.js";
import { PlanMemory } from "./plan-memory.js";
import { readProtobufFile } from "./protobuf-file.js";
import { requireRuntime } from "./runtime.js";
import { sessionPlaces } from "./session-places.js";
import { sharedSessions } from "./shared-sessions.js";
import type { NativeTensorFlowTensor, TensorFlowAddon } from "./tensorflow-addon.js";
import { tensorFlowModelSize } from "./tensorflow-model-size.js";

/** Which graph of a file is served, and which of its tensors the configured ones are. */
interface GraphSource {
  readonly kind: "saved_model" | "graph_def";
  readonly tags: readonly string[];
  inputTensor(name: string): string;
  outputTensor(name: string): string;
}

const planMemory = new PlanMemory();

/**
 * Loads a SavedModel directory or a frozen GraphDef file, by the configuration's platform.
 *
 * @throws {ServingError} INVALID_ARGUMENT if model and configuration disagree, or with TensorFlow's code and message;
 *   UNAVAILABLE if TensorFlow or the addon is missing
 * @see Triton "TensorFlow Backend"
 */
export async function loadTensorflowModel(request: EngineLoadRequest): Promise<EngineModel> {
  const { config, path, instances, coalesceRows } = request;
  const addon = tensorFlowAddon();
  const backend = tensorFlowBackendOptions(request.settings);
  const source = await graphSource(request);
  const batched = config.maxBatchSize > 0;
  const tensors = modelTensors(config);
  const { inputs, outputs, batchInputs, scatters } = tensors;
  const { maxSessionShareCount, initOpsFile } = tensorFlowParameters(config);
  const size = await tensorFlowModelSize(path, source.kind, tensors, batched);
  const places = sessionPlaces(config, backend, instances, size);
  const { graphHash } = request;
  const planKey = (place: number) =>
    graphHash === undefined ? undefined : JSON.stringify([graphHash, config, place]);
  for (const warning of [...backend.warnings, ...places.warnings]) request.warn(warning);
  const initOperations =
    initOpsFile === ""
      ? []
      : await readInitOperations(initOpsFile, [dirname(path), request.directory], config.name);
  const bind = (spec: NativeTensorSpec, tensor: string): NativeTensorFlowTensor => ({ ...spec, tensor });
  const slot = newSlot(addon);
  const handle = await opened(
    addon.open({
      kind: source.kind,
      path,
      tags: source.tags,
      inputs: nativeInputs(tensors).map((spec) => bind(spec, source.inputTensor(spec.name))),
      batchInputs,
      outputs: outputs.map((spec) => bind(nativeTensorSpec(spec), source.outputTensor(spec.name))),
      initOperations,
      operationLibraries: operationLibraries(request),
      places: places.places.map((place, i) => planMemory.recall(planKey(i), place)),
      instances: sharedSessions(instances, maxSessionShareCount).map((session, i) => ({
        place: places.placeOf[i] as number,
        session,
      })),
      coalesceRows,
      slot,
      channels: request.channels,
    }),
    config.name,
  );
  const { plans } = handle;
  for (const [place, report] of plans.entries()) planMemory.keep(planKey(place), report);
  return new NativeModel({
    slot,
    handle,
    inputs,
    outputs,
    instanceCount: instances.length,
    batched,
    scatters,
    plans,
  });
}

function tensorFlowAddon(): TensorFlowAddon {
  const { library } = requireRuntime(findTensorflow());
  const addon = loadAddon<TensorFlowAddon>("tensorflow");
  // TensorFlow logs each start to stderr; warnings and errors are enough unless the user asked for more.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "1";
  // Else the first session's number of threads per operation would be every later session's.
  process.env.TF_OVERRIDE_GLOBAL_THREADPOOL ??= "1";
  try {
    addon.loadLibrary(library);
  } catch (error) {
    throw ServingError.from(error);
  }
  return addon;
}

/** Custom operations, as paths in the model's directory where they are not absolute. */
function operationLibraries({ config, directory }: EngineLoadRequest): string[] {
  return (config.modelOperations?.opLibraryFilename ?? []).map((file) => resolve(directory, file));
}

async function graphSource({ config, path, savedModel }: EngineLoadRequest): Promise<GraphSource> {
  if (config.platform === "tensorflow_graphdef") {
    checkGraphDef(config, readGraphDefinition(await readProtobufFile(path, "GraphDef")));
    const asIs = (name: string) => name;
    return { kind: "graph_def", tags: [], inputTensor: asIs, outputTensor: asIs };
  }
  if (savedModel === undefined) {
    throw invalidArgument(`platform ${config.platform} not supported for TensorFlow model '${config.name}'`);
  }
  const { tags, signature } = savedModel;
  checkSavedModel(config, signature);
  return {
    kind: "saved_model",
    tags,
    inputTensor: (name) => tensorName(signature.inputs, name),
    outputTensor: (name) => tensorName(signature.outputs, name),
  };
}

function tensorName(tensors: readonly SignatureTensor[], key: string): string {
  return tensors.find((tensor) => tensor.key === key)?.tensorName ?? "";
}

/** TensorFlow's message, told apart from the configuration's by the model's name before it. */
async function opened<Handle>(opening: Promise<Handle>, name: string): Promise<Handle> {
  try {
    return await opening;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    throw new ServingError(
      code === Code.UNKNOWN ? Code.INTERNAL : code,
      `unable to load model '${name}': ${message}`,
    );
  }
}
