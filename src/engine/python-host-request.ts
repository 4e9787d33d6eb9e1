import type { PythonParameters } from "../config/python-parameters.js";
import type { EngineLoadRequest } from "./engine-load-request.js";
import type { InstanceOptions, TensorSpec } from "./engine-model.js";
import { modelTensors } from "./model-tensors.js";
import { nativeTensorSpec } from "./native-addon.js";

/** What the Python host is asked to load; python/tandem_host/load_request.py reads it. */
export interface PythonHostRequest {
  readonly modelName: string;
  /** The file of Python code or TorchScript; absolute. */
  readonly path: string;
  /** 0: there are no batches. */
  readonly maxBatchSize: number;
  /** In the order of the module's arguments. */
  readonly inputs: readonly PythonTensorSpec[];
  readonly outputs: readonly PythonTensorSpec[];
  readonly instances: readonly InstanceOptions[];
  readonly threads: number;
  readonly interopThreads: number;
  readonly compile: boolean;
  readonly compileOptions: Readonly<Record<string, unknown>>;
  /** A function in place of a class; "": none. */
  readonly function: string;
}

export interface PythonTensorSpec {
  readonly name: string;
  /** The number of `ModelConfig.DataType`. */
  readonly dataType: number;
  /** As the module sees them, batch dimension included; -1 is variable. */
  readonly dims: readonly number[];
}

export function pythonHostRequest(
  { modelName, path, config, instances }: EngineLoadRequest,
  parameters: PythonParameters,
): PythonHostRequest {
  const { inputs, outputs } = modelTensors(config);
  return {
    modelName,
    path,
    maxBatchSize: config.maxBatchSize,
    inputs: inputs.map(tensorSpec),
    outputs: outputs.map(tensorSpec),
    instances,
    threads: parameters.numThreads,
    interopThreads: parameters.numInteropThreads,
    compile: parameters.compile,
    compileOptions: parameters.compileOptions,
    function: parameters.function ?? "",
  };
}

function tensorSpec(tensor: TensorSpec): PythonTensorSpec {
  const { name, datatype, shape } = nativeTensorSpec(tensor);
  return { name, dataType: datatype, dims: shape ?? [] };
}
