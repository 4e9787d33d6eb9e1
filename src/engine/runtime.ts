import { Code, ServingError } from "../inference/serving-error.js";

/**
 * The runtime: the shared libraries of TensorFlow and PyTorch, which Tandem does not ship but finds. `find-tensorflow`
 * and `find-torch` look for them; nothing is loaded and no process is started where a look at the disk is enough.
 */
export type EngineName = "tensorflow" | "torch";

export const ENGINE_NAMES: readonly EngineName[] = ["tensorflow", "torch"];

/** How an engine is called in messages. */
export const ENGINE_TITLES: Readonly<Record<EngineName, string>> = {
  tensorflow: "TensorFlow",
  torch: "PyTorch",
};

/** A place where a runtime may be, and why it was looked at. */
export interface RuntimePlace {
  /** What named it: `TANDEM_TORCH`, `VIRTUAL_ENV`, `python3 on PATH`, `tandem setup` ... */
  readonly from: string;
  /** Absolute path of a file or folder. */
  readonly path: string;
  /** The user named exactly this: where it does not hold the engine, the search ends instead of going on. */
  readonly decisive: boolean;
}

export interface TensorflowRuntime {
  readonly engine: "tensorflow";
  readonly from: string;
  /** `2.21.0`, undefined where nothing beside the library tells. */
  readonly version: string | undefined;
  /** The file with the C API: `libtensorflow_cc.so.2` or `libtensorflow.so.2`. */
  readonly library: string;
  /** Whether it was built with CUDA; undefined where nothing beside the library tells. */
  readonly cuda: boolean | undefined;
}

export interface TorchRuntime {
  readonly engine: "torch";
  readonly from: string;
  /** `2.15.0+cu132`, undefined where nothing beside the libraries tells. */
  readonly version: string | undefined;
  /** The folder with `include/` and `lib/`. */
  readonly directory: string;
  /** What an addon needs in memory, in loading order; with CUDA's part where `cuda` is true. */
  readonly libraries: readonly string[];
  /** Whether the C++ headers are there, which building the addon takes. */
  readonly headers: boolean;
  /** Whether it was built with CUDA and everything its CUDA part links to is there. */
  readonly cuda: boolean;
  /** The CUDA version it was built for, such as `13.2`; also where `cuda` is false. */
  readonly cudaVersion: string | undefined;
  /** Names of the shared libraries that its CUDA part links to and that were not found. */
  readonly cudaMissing: readonly string[];
  /** Names of the shared libraries that its CPU part links to and that were not found: loading it would fail. */
  readonly missing: readonly string[];
  /** False for builds with the C++ ABI of before GCC 5: the addon has to be compiled alike. */
  readonly cxx11Abi: boolean;
}

export type Runtime = TensorflowRuntime | TorchRuntime;

/** What a search found, and each place it looked at with the reason why that one was not it. */
export interface RuntimeSearch<R extends Runtime> {
  readonly engine: EngineName;
  readonly runtime: R | undefined;
  readonly tried: readonly { readonly place: RuntimePlace; readonly reason: string }[];
}

/** Looks at `places` in order; `look` answers with a runtime, or with the reason why there is none. */
export function searchRuntime<R extends Runtime>(
  engine: EngineName,
  places: Iterable<RuntimePlace>,
  look: (place: RuntimePlace) => R | string,
): RuntimeSearch<R> {
  const tried: { place: RuntimePlace; reason: string }[] = [];
  for (const place of places) {
    const seen = look(place);
    if (typeof seen !== "string") return { engine, runtime: seen, tried };
    tried.push({ place, reason: seen });
    if (place.decisive) break;
  }
  return { engine, runtime: undefined, tried };
}

/** The runtime of a search, or one error which says where it was looked for and what to do. */
export function requireRuntime<R extends Runtime>(search: RuntimeSearch<R>): R {
  if (search.runtime) return search.runtime;
  throw new ServingError(Code.UNAVAILABLE, missingRuntimeMessage(search));
}

export function missingRuntimeMessage(search: RuntimeSearch<Runtime>): string {
  const title = ENGINE_TITLES[search.engine];
  const last = search.tried.at(-1);
  if (last?.place.decisive) {
    return `${title} was not found: ${last.place.from} names ${last.place.path}, which ${last.reason}`;
  }
  const tried = search.tried.map(({ place, reason }) => `  ${place.from}: ${place.path} ${reason}`);
  return [
    `${title} was not found; \`npx tandem setup ${search.engine}\` installs it` +
      (tried.length > 0 ? ". Looked at:" : ""),
    ...tried,
  ].join("\n");
}
