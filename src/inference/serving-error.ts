/**
 * Canonical status codes, by gRPC's numbers. The native core uses the same ones; each protocol maps them once.
 *
 * @see https://grpc.github.io/grpc/core/md_doc_statuscodes.html
 */
export enum Code {
  CANCELLED = 1,
  UNKNOWN = 2,
  INVALID_ARGUMENT = 3,
  DEADLINE_EXCEEDED = 4,
  NOT_FOUND = 5,
  ALREADY_EXISTS = 6,
  PERMISSION_DENIED = 7,
  RESOURCE_EXHAUSTED = 8,
  FAILED_PRECONDITION = 9,
  ABORTED = 10,
  OUT_OF_RANGE = 11,
  UNIMPLEMENTED = 12,
  INTERNAL = 13,
  UNAVAILABLE = 14,
  DATA_LOSS = 15,
}

/** The one error type of Tandem. `message` is complete and may be shown to a client as it is. */
export class ServingError extends Error {
  override readonly name = "ServingError";
  readonly code: Code;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  /** Any thrown value as a ServingError: one passes through, the binding's `{ code: number }` keeps its code, the rest is INTERNAL. */
  static from(thrown: unknown): ServingError {
    if (thrown instanceof ServingError) return thrown;
    const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
    const known = typeof code === "number" && code in Code ? (code as Code) : Code.INTERNAL;
    return new ServingError(known, typeof message === "string" ? message : String(thrown), { cause: thrown });
  }
}

export function invalidArgument(message: string): ServingError {
  return new ServingError(Code.INVALID_ARGUMENT, message);
}
