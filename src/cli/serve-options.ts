/**
 * What an option does here.
 *
 * - `works`
 * - `no effect`: what it sets does not exist here, and nothing a client sees depends on it
 * - `ignored`: like that, but someone who sets it expects an effect, so a warning says there is none
 * - `refused`: without it the server would do something else than asked for; other values than the default are an error
 */
export type OptionSupport = "works" | "no effect" | "ignored" | "refused";

/** How the value is written; `flag` has none. `list` options may be repeated. */
export type OptionKind = "flag" | "boolean" | "integer" | "level" | "text" | "list";

export interface ServeOption {
  readonly name: string;
  readonly kind: OptionKind;
  /** As it would be written; "" if there is none. */
  readonly default: string;
  readonly support: OptionSupport;
  readonly help: string;
  /** Smallest and largest integer. */
  readonly range?: readonly [number, number];
  readonly choices?: readonly string[];
  /** Those of the choices that are refused. */
  readonly notYet?: readonly string[];
}

const port = [0, 65535] as const;
const positive = [1, Number.MAX_SAFE_INTEGER] as const;
const natural = [0, Number.MAX_SAFE_INTEGER] as const;

/** The options of `tandem serve`, by tritonserver's names and with its defaults. */
export const serveOptions: readonly ServeOption[] = [
  works("model-repository", "list", "", "directory of models; may be repeated"),
  works("model-store", "list", "", "the same as --model-repository"),
  works("id", "text", "triton", "name of the server in its metadata"),

  works("exit-on-error", "boolean", "true", "exit if a model cannot be loaded at start"),
  {
    ...works("exit-timeout-secs", "integer", "30", "longest wait for requests in flight at exit"),
    range: natural,
  },
  works("strict-readiness", "boolean", "true", "ready only while every model is"),
  works("disable-auto-complete-config", "flag", "", "take configurations as they are"),
  works("strict-model-config", "boolean", "false", "deprecated; true is --disable-auto-complete-config"),
  works("model-config-name", "text", "", "prefer configs/NAME.pbtxt where a model has it"),
  {
    ...works("model-load-thread-count", "integer", "4", "models loaded at the same time"),
    range: positive,
  },
  {
    ...works("model-load-retry-count", "integer", "0", "how often a load that failed is tried again"),
    range: natural,
  },
  works("backend-config", "list", "", "NAME,key=value for one backend, key=value for all"),
  {
    ...works(
      "model-control-mode",
      "text",
      "none",
      "none: all models; explicit: those of --load-model, and then what clients ask for; poll is not offered yet",
    ),
    choices: ["none", "explicit", "poll"],
    notYet: ["poll"],
  },
  works("load-model", "list", "", "with explicit control, a model to load at start; * alone: all"),
  refused("model-namespacing", "boolean", "false", "models of one name in several repositories"),
  ignored("repository-poll-secs", "integer", "15", "needs --model-control-mode=poll"),
  ignored(
    "model-load-gpu-limit",
    "list",
    "",
    "DEVICE:FRACTION of GPU memory beyond which no model is loaded",
  ),

  works("allow-http", "boolean", "true", "serve HTTP"),
  works("http-address", "text", "0.0.0.0", "address of the HTTP port"),
  { ...works("http-port", "integer", "8000", "0: any free port"), range: port },
  {
    ...works(
      "http-max-input-size",
      "integer",
      "67108864",
      "bytes of JSON, of a JSON tensor, of a decompressed body; binary tensors are not limited",
    ),
    range: positive,
  },
  refused("http-restricted-api", "list", "", "APIs that need a header"),
  ignored("http-header-forward-pattern", "text", "", "request headers that become parameters"),
  ignored("reuse-http-port", "boolean", "false", "share the port with other processes"),
  ignored("http-thread-count", "integer", "8", "HTTP is served by one thread"),

  works("allow-metrics", "boolean", "true", "serve Prometheus metrics"),
  works("allow-cpu-metrics", "boolean", "true", "metrics of the machine's processors and memory"),
  works("metrics-address", "text", "", "address of the metrics port; default: the HTTP address"),
  { ...works("metrics-port", "integer", "8002", "0: any free port"), range: port },
  {
    ...works("metrics-interval-ms", "integer", "2000", "shortest time over which utilization is measured"),
    range: positive,
  },
  noEffect("allow-gpu-metrics", "boolean", "true", "metrics of GPUs"),
  ignored("metrics-config", "list", "", "latencies as histograms and summaries"),

  { ...works("log-verbose", "level", "0", "1 and more: also requests that fail"), range: natural },
  works("log-info", "boolean", "true", "log what happens"),
  works("log-warning", "boolean", "true", "log what may be wrong"),
  works("log-error", "boolean", "true", "log what is wrong"),
  { ...works("log-format", "text", "default", "how a line begins"), choices: ["default", "ISO8601"] },
  works("log-file", "text", "", "append to this file; default: stdout, warnings and errors stderr"),

  noEffect("allow-grpc", "boolean", "true", "gRPC is not offered yet"),
  ignored("grpc-address", "text", "0.0.0.0", "gRPC is not offered yet"),
  ignored("grpc-port", "integer", "8001", "gRPC is not offered yet"),
  ignored("reuse-grpc-port", "boolean", "false", "gRPC is not offered yet"),
  ignored("grpc-header-forward-pattern", "text", "", "gRPC is not offered yet"),
  ignored("grpc-restricted-protocol", "list", "", "gRPC is not offered yet"),
  ignored("grpc-infer-thread-count", "integer", "2", "gRPC is not offered yet"),
  ignored("grpc-infer-allocation-pool-size", "integer", "8", "gRPC is not offered yet"),
  ignored("grpc-max-response-pool-size", "integer", "2147483647", "gRPC is not offered yet"),
  ignored("grpc-use-ssl", "boolean", "false", "gRPC is not offered yet"),
  ignored("grpc-use-ssl-mutual", "boolean", "false", "gRPC is not offered yet"),
  ignored("grpc-server-cert", "text", "", "gRPC is not offered yet"),
  ignored("grpc-server-key", "text", "", "gRPC is not offered yet"),
  ignored("grpc-root-cert", "text", "", "gRPC is not offered yet"),
  ignored("grpc-infer-response-compression-level", "text", "none", "gRPC is not offered yet"),
  ignored("grpc-keepalive-time", "integer", "7200000", "gRPC is not offered yet"),
  ignored("grpc-keepalive-timeout", "integer", "20000", "gRPC is not offered yet"),
  ignored("grpc-keepalive-permit-without-calls", "boolean", "false", "gRPC is not offered yet"),
  ignored("grpc-http2-max-pings-without-data", "integer", "2", "gRPC is not offered yet"),
  ignored("grpc-http2-min-recv-ping-interval-without-data", "integer", "300000", "gRPC is not offered yet"),
  ignored("grpc-http2-max-ping-strikes", "integer", "2", "gRPC is not offered yet"),
  ignored("grpc-max-connection-age", "integer", "", "gRPC is not offered yet"),
  ignored("grpc-max-connection-age-grace", "integer", "", "gRPC is not offered yet"),

  refused("allow-client-shm", "boolean", "false", "tensors in memory shared with clients"),
  {
    ...works(
      "rate-limit",
      "text",
      "off",
      "off; execution_count: instances take turns, each once its resources are there",
    ),
    choices: ["off", "execution_count"],
  },
  works(
    "rate-limit-resource",
    "list",
    "",
    "NAME:COUNT or NAME:COUNT:DEVICE; default: what the most demanding instance needs",
  ),
  ignored("cache-config", "list", "", "responses are not cached yet"),
  ignored("response-cache-byte-size", "integer", "0", "deprecated; responses are not cached yet"),
  noEffect("cache-directory", "text", "/opt/tritonserver/caches", "caches are not loaded from files"),
  ignored("trace-config", "list", "", "requests are not traced yet"),
  ignored("trace-file", "text", "", "deprecated; requests are not traced yet"),
  ignored("trace-level", "list", "", "deprecated; requests are not traced yet"),
  ignored("trace-rate", "integer", "1000", "deprecated; requests are not traced yet"),
  ignored("trace-count", "integer", "-1", "deprecated; requests are not traced yet"),
  ignored("trace-log-frequency", "integer", "0", "deprecated; requests are not traced yet"),

  ignored("host-policy", "list", "", "NAME,key=value: processors and memory of instances"),
  ignored("min-supported-compute-capability", "text", "", "GPUs below it are not used"),
  ignored("pinned-memory-pool-byte-size", "integer", "268435456", "there is no such pool"),
  ignored("cuda-memory-pool-byte-size", "list", "", "there is no such pool"),
  noEffect("cuda-virtual-address-size", "list", "", "there is no such space"),
  noEffect("enable-peer-access", "boolean", "true", "left to the engines"),
  noEffect("buffer-manager-thread-count", "integer", "0", "instances gather their own batches"),
  noEffect("backend-directory", "text", "/opt/tritonserver/backends", "engines are found by `tandem setup`"),
  noEffect("repoagent-directory", "text", "/opt/tritonserver/repoagents", "there are no such agents"),
];

function works(name: string, kind: OptionKind, value: string, help: string): ServeOption {
  return { name, kind, default: value, support: "works", help };
}

function noEffect(name: string, kind: OptionKind, value: string, help: string): ServeOption {
  return { name, kind, default: value, support: "no effect", help };
}

function ignored(name: string, kind: OptionKind, value: string, help: string): ServeOption {
  return { name, kind, default: value, support: "ignored", help };
}

function refused(name: string, kind: OptionKind, value: string, help: string): ServeOption {
  return { name, kind, default: value, support: "refused", help };
}
