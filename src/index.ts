/** The public names of `tandem-inference`. Importing them loads no engine. */
export { type BackendConfig, parseBackendConfig } from "./config/backend-config.js";
export type { ModelConfig } from "./config/model-config.js";
export type { ExecutionPlanReport } from "./engine/engine-model.js";
export { decodeBytesElements, encodeBytesElements } from "./inference/bytes-elements.js";
export type { Datatype } from "./inference/datatype.js";
export {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./inference/half-precision.js";
export type { InferenceRequest, InferenceResponse } from "./inference/request.js";
export { Code, ServingError } from "./inference/serving-error.js";
export type { Shape } from "./inference/shape.js";
export { Tensor, type TypedArray } from "./inference/tensor.js";
export type {
  BatchStatistics,
  DurationCounter,
  FailureReason,
  ModelStatistics,
} from "./metrics/model-statistics.js";
export { type InferOptions, Model } from "./model/embedded-model.js";
export { type LoadModelOptions, load } from "./model/load.js";
export type { Logger } from "./model/logger.js";
export { type LoadFailure, Repository, type RepositoryOptions } from "./model/repository.js";
export type {
  ModelControlMode,
  ModelControlOptions,
  ModelMetadata,
  ModelRepository,
  RepositoryIndexEntry,
  ServedModel,
  TensorMetadata,
  VersionState,
} from "./model/served-model.js";
export type { ElementValue, InputValue, TensorData } from "./model/to-tensor.js";
export { RateLimiter, type RateLimiterOptions } from "./scheduler/rate-limiter.js";
export type { ResourceLimit } from "./scheduler/resource-pools.js";
export type { KServePluginOptions } from "./server/kserve-plugin.js";
export { fastifyPlugin, serve } from "./server/on-demand.js";
export type { RunningServer, ServeOptions } from "./server/serve.js";
