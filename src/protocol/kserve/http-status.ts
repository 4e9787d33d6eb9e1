import { Code } from "../../inference/serving-error.js";

/** HTTP status by canonical code. The protocol's own classes are the first group; the rest reach us from engines only. */
const statusByCode: Record<Code, number> = {
  [Code.INTERNAL]: 500,
  [Code.NOT_FOUND]: 404,
  [Code.UNAVAILABLE]: 503,
  [Code.UNIMPLEMENTED]: 501,
  [Code.UNKNOWN]: 400,
  [Code.INVALID_ARGUMENT]: 400,
  [Code.ALREADY_EXISTS]: 400,
  [Code.CANCELLED]: 400,

  [Code.DEADLINE_EXCEEDED]: 503,
  [Code.PERMISSION_DENIED]: 403,
  [Code.RESOURCE_EXHAUSTED]: 500,
  [Code.FAILED_PRECONDITION]: 400,
  [Code.ABORTED]: 500,
  [Code.OUT_OF_RANGE]: 400,
  [Code.DATA_LOSS]: 500,
};

/** @see KServe v2 "Errors"; the numbers are Triton's */
export function httpStatus(code: Code): number {
  return statusByCode[code];
}

/** The body of every error: `{"error":"..."}`. */
export function errorBody(message: string): string {
  return `{"error":${JSON.stringify(message)}}`;
}
