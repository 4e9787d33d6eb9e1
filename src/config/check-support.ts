import { Code, ServingError } from "../inference/serving-error.js";
import { fieldSupport, type Support } from "./field-support.js";
import type { ModelConfig } from "./model-config.js";
import { parameterSupport } from "./parameter-support.js";
import { engineBackend, pythonPlatform, pythonPlatforms } from "./python-platform.js";

/**
 * Finds what a configuration asks for and Tandem does not do, by the tables {@link fieldSupport} and
 * {@link parameterSupport}. To be given the configuration as written, before defaults are made explicit.
 *
 * @returns one warning for each field or parameter that is not acted on but changes no answer
 * @throws {ServingError} UNIMPLEMENTED, naming the field, for the first one without which answers would differ;
 * also for backends and platforms that are not implemented
 */
export function checkSupport(config: ModelConfig): string[] {
  checkPlatform(config);
  const warnings: string[] = [];
  for (const { field, support, reason, uses } of fieldSupport) {
    if (support === "acted on") continue;
    for (const use of uses(config)) {
      report(config, support, use === "" ? `'${field}'` : `'${field}' ('${use}')`, reason, warnings);
    }
  }
  for (const { key, backend, support, reason } of parameterSupport) {
    const isKnown = backend === "any" || backend === engineBackend(config);
    if (support === "acted on" || !isKnown || !Object.hasOwn(config.parameters, key)) continue;
    report(config, support, `parameter '${key}'`, reason, warnings);
  }
  return warnings;
}

/** Platforms that run in the server's process, each with its backend. */
const platforms: Readonly<Record<string, string>> = {
  tensorflow_savedmodel: "tensorflow",
  tensorflow_graphdef: "tensorflow",
  pytorch_libtorch: "pytorch",
  torch_aoti: "pytorch",
};

function checkPlatform(config: ModelConfig): void {
  const { name, platform, backend } = config;
  if (pythonPlatform(config) !== undefined || platforms[platform] === backend) return;
  if (backend === "python") throw pythonModel(config);
  const what = platform === "" ? `backend '${backend}'` : `platform '${platform}' of backend '${backend}'`;
  throw new ServingError(
    Code.UNIMPLEMENTED,
    `model '${name}': ${what} is not implemented, expected one of ${Object.keys(platforms).join(", ")}`,
  );
}

/** Of a model that brings its own TritonPythonModel, whatever its platform says. */
function pythonModel({ name, platform }: ModelConfig): ServingError {
  const handler = platform === "" ? "" : `Unable to find model(handler) for platform field '${platform}'; `;
  const handlers = pythonPlatforms.map((one) => `'${one}'`).join(" or ");
  return new ServingError(
    Code.UNIMPLEMENTED,
    `model '${name}': ${handler}Python models with a TritonPythonModel class are not implemented. Expected ` +
      `backend 'python' with platform ${handlers}: a SavedModel, or a model.py with a torch.nn.Module class, in a process ` +
      "of its own",
  );
}

function report(
  config: ModelConfig,
  support: Support,
  what: string,
  reason: string | undefined,
  warnings: string[],
): void {
  const explained = reason === undefined ? "" : `: ${reason}`;
  if (support === "warned") warnings.push(`model '${config.name}': ${what} has no effect${explained}`);
  else
    throw new ServingError(
      Code.UNIMPLEMENTED,
      `model '${config.name}': ${what} is not supported${explained}`,
    );
}
