import { Code, ServingError } from "../inference/serving-error.js";

/** Why a port could not be opened, and which option chose it. */
export function listenError(service: string, address: string, port: number, cause: unknown): ServingError {
  const { code, message } = cause as { code?: unknown; message: string };
  const reason = code === "EADDRINUSE" ? "the port is in use; choose another" : message;
  return new ServingError(
    Code.UNAVAILABLE,
    `failed to start the ${service} service at ${address}:${port}: ${reason} (--${service.toLowerCase()}-port, --${service.toLowerCase()}-address)`,
    { cause },
  );
}
