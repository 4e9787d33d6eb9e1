import { setMaxListeners } from "node:events";
import type { Socket } from "node:net";

const signalOfSocket = Symbol("signal aborted when the socket closes");

/**
 * Aborts when the client is gone. There is one signal per connection, not per request: on a connection that closes,
 * nobody waits for any answer.
 */
export function disconnectSignal(socket: Socket): AbortSignal {
  const marked = socket as Socket & { [signalOfSocket]?: AbortSignal };
  let signal = marked[signalOfSocket];
  if (signal === undefined) {
    const controller = new AbortController();
    signal = controller.signal;
    setMaxListeners(0, signal);
    socket.once("close", () => controller.abort());
    marked[signalOfSocket] = signal;
  }
  return signal;
}
