import { once } from "node:events";
import { type IncomingHttpHeaders, request } from "node:http";
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as UTF-8. */
  readonly text: string;
}

/** One request on a connection of its own. Several chunks are sent as a chunked body, one by one. */
export async function send(
  method: string,
  url: string,
  body: string | Buffer | readonly Buffer[] = "",
  headers: Record<string, string> = {},
): Promise<Answer> {
  const outgoing = request(url, { method, agent: false, headers });
  const response = once(outgoing, "response");
  if (Array.isArray(body)) {
    for (const chunk of body) outgoing.write(chunk);
    outgoing.end();
  } else {
    if (method !== "GET") outgoing.setHeader("content-length", Buffer.byteLength(body as string | Buffer));
    outgoing.end(body as string | Buffer);
  }
  const [incoming] = await response;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const received = Buffer.concat(chunks);
  return {
    status: incoming.statusCode,
    headers: incoming.headers,
    body: received,
    text: received.toString(),
  };
}

export function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send("GET", url, "", headers);
}

export function post(
  url: string,
  body: string | Buffer | readonly Buffer[] = "",
  headers: Record<string, string> = {},
): Promise<Answer> {
  return send("POST", url, body, headers);
}

/** A request with INPUT0 as binary data that wants OUTPUT0 so. */
export function binaryRequest(shape: readonly number[], data: Buffer) {
  const json = JSON.stringify({
    inputs: [{ name: "INPUT0", datatype: "FP32", shape, parameters: { binary_data_size: data.length } }],
    outputs: [{ name: "OUTPUT0", parameters: { binary_data: true } }],
  });
  return {
    body: Buffer.concat([Buffer.from(json), data]),
    headers: { "inference-header-content-length": `${json.length}` },
  };
}

export async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Sends bytes and returns all that comes until the server closes the connection. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = await open(port);
  socket.write(text);
  return received(socket);
}

export async function received(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}
