import { connect } from "node:net";

/**
 * Sends each server its request and compares the tensors that come back: a ratio of unequal work means nothing.
 *
 * @throws Error if the servers answer other bytes behind the JSON header
 */
export async function sameAnswer(asked: readonly { port: number; request: Buffer }[]): Promise<void> {
  const answers = await Promise.all(asked.map(({ port, request }) => tensorBytes(port, request)));
  const [first] = answers;
  for (const answer of answers) {
    if (first === undefined || first.length === 0 || !answer.equals(first)) {
      throw new Error(
        `the servers answer differently: ${answers.map((each) => each.toString("hex")).join(" ")}`,
      );
    }
  }
}

function tensorBytes(port: number, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect(port, "127.0.0.1", () => socket.write(request));
    socket.on("error", reject);
    socket.setTimeout(10_000, () => reject(new Error(`no answer from port ${port}`)));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const bodyAt = received.indexOf("\r\n\r\n") + 4;
      const head = received.subarray(0, bodyAt).toString("latin1");
      const length = Number(
        /content-length: *(\d+)/i.exec(head.replace(/inference-header-[^\r]*/i, ""))?.[1],
      );
      if (bodyAt < 4 || received.length < bodyAt + length) return;
      socket.destroy();
      const header = Number(/inference-header-content-length: *(\d+)/i.exec(head)?.[1]);
      if (head.slice(9, 12) === "200" && header > 0) resolve(received.subarray(bodyAt + header));
      else reject(new Error(`port ${port} answers ${received.toString("latin1")}`));
    });
  });
}
