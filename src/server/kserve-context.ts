import type { ModelControlMode, ModelRepository } from "../model/served-model.js";
import type { Lifecycle } from "./lifecycle.js";
import type { ServerLogger } from "./server-logger.js";

/** What the KServe routes share. */
export interface KServeContext {
  readonly repository: ModelRepository;
  readonly modelControl: ModelControlMode;
  readonly id: string;
  readonly version: string;
  readonly maxInputSize: number;
  readonly strictReadiness: boolean;
  readonly lifecycle: Lifecycle;
  readonly logger: ServerLogger;
}
