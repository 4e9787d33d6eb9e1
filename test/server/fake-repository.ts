import type { DataTypeName, ModelConfig } from "../../src/config/model-config.js";
import { emptyModelConfig } from "../../src/config/read-model-config.js";
import type { Datatype } from "../../src/inference/datatype.js";
import type { InferenceRequest, InferenceResponse } from "../../src/inference/request.js";
import { Code, ServingError } from "../../src/inference/serving-error.js";
import { Tensor } from "../../src/inference/tensor.js";
import { ModelStatistics } from "../../src/metrics/model-statistics.js";
import type {
  ModelControlMode,
  ModelMetadata,
  ModelRepository,
  RepositoryIndexEntry,
  ServedModel,
  TensorMetadata,
} from "../../src/model/served-model.js";

export interface FakeTensor {
  readonly name: string;
  readonly dataType: DataTypeName;
  readonly dims: readonly number[];
}

/** A model without an engine: `run` answers, by default with every input under the name of the output in its place. */
export class FakeModel implements ServedModel {
  readonly name: string;
  readonly version: number;
  readonly config: ModelConfig;
  readonly statistics = new ModelStatistics();
  readonly requests: InferenceRequest[] = [];
  labelsByOutput: Record<string, readonly string[]> = {};
  run: (request: InferenceRequest) => readonly Tensor[] | Promise<readonly Tensor[]> = (request) =>
    request.inputs.map((tensor, index) => {
      const { name = "OUT" } = this.config.output[index] ?? {};
      return new Tensor(name, tensor.datatype, tensor.shape, tensor.bytes);
    });

  constructor(name: string, version: number, config: Partial<ModelConfig>) {
    this.name = name;
    this.version = version;
    this.config = { ...emptyModelConfig(), name, ...config };
  }

  get metadata(): ModelMetadata {
    return {
      name: this.name,
      versions: [`${this.version}`],
      platform: this.config.platform,
      inputs: this.config.input.map((input) => this.#describe(input)),
      outputs: this.config.output.map((output) => this.#describe(output)),
    };
  }

  labels(output: string): readonly string[] | undefined {
    return this.labelsByOutput[output];
  }

  async infer(request: InferenceRequest): Promise<InferenceResponse> {
    this.requests.push(request);
    const outputs = await this.run(request);
    return {
      modelName: this.name,
      modelVersion: this.version,
      id: request.id,
      outputs: request.outputs?.length
        ? request.outputs.map((name) => outputs.find((output) => output.name === name) as Tensor)
        : outputs,
    };
  }

  #describe({ name, dataType, dims }: FakeTensor): TensorMetadata {
    const datatype = dataType === "TYPE_STRING" ? "BYTES" : (dataType.slice(5) as Datatype);
    return { name, datatype, shape: this.config.maxBatchSize > 0 ? [-1, ...dims] : dims };
  }
}

export class FakeRepository implements ModelRepository {
  readonly all: FakeModel[];
  modelControl: ModelControlMode = "none";
  /** Calls of its methods, one line each. */
  readonly calls: string[] = [];
  ready = true;
  rows: RepositoryIndexEntry[] = [];
  closed = false;

  constructor(...models: FakeModel[]) {
    this.all = models;
  }

  model(name: string, version?: number): ServedModel {
    const versions = this.all.filter((model) => model.name === name);
    const found = versions.filter((model) => version === undefined || model.version === version).at(-1);
    if (found !== undefined) return found;
    const which = versions.length === 0 ? `'${name}' is` : `'${name}' version ${version} is`;
    throw new ServingError(Code.NOT_FOUND, `Request for unknown model: ${which} not found`);
  }

  models(): readonly ServedModel[] {
    return this.all;
  }

  index(): readonly RepositoryIndexEntry[] {
    return this.rows;
  }

  async scan(): Promise<void> {
    this.calls.push("scan");
  }

  async loadModel(name: string): Promise<void> {
    this.calls.push(`load ${name}`);
  }

  async unloadModel(name: string): Promise<void> {
    this.calls.push(`unload ${name}`);
  }

  allReady(): boolean {
    return this.ready;
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

/** INPUT0 of 16 FP32 elements comes back as OUTPUT0. */
export function echoModel(name = "echo"): FakeModel {
  return new FakeModel(name, 1, {
    platform: "pytorch_libtorch",
    input: [tensorConfig("INPUT0", "TYPE_FP32", [-1])],
    output: [tensorConfig("OUTPUT0", "TYPE_FP32", [-1])],
  });
}

export function tensorConfig(name: string, dataType: DataTypeName, dims: readonly number[]) {
  return {
    name,
    dataType,
    dims,
    format: "FORMAT_NONE" as const,
    reshape: undefined,
    labelFilename: "",
    isShapeTensor: false,
    allowRaggedBatch: false,
    optional: false,
    isNonLinearFormatIo: false,
  };
}
