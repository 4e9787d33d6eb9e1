/** What a pickle makes: an object of a class, by its full name, or one of Python's own containers. */
export type PickleHead = { readonly className: string } | "dict" | "list";

/**
 * Tells what a pickle makes from its first operations, without making it: nothing is executed.
 *
 * @param bytes the beginning of a pickle of protocol 2 or later
 * @returns undefined if it begins with anything else
 * @see Python's `pickletools` for the operations
 */
export function pickleHead(bytes: Buffer): PickleHead | undefined {
  if (bytes[0] !== 0x80 || (bytes[1] ?? 0) < 2 || (bytes[1] ?? 0) > 5) return undefined;
  const strings: string[] = [];
  let at = 2;
  const text = (start: number, length: number) => {
    strings.push(bytes.toString("utf8", start, start + length));
    at = start + length;
  };
  while (at < bytes.length) {
    const operation = String.fromCharCode(bytes[at++] as number);
    if (operation === "c") return globalName(bytes, at);
    if (operation === "\x93") return classOf(strings.slice(-2).join(".")); // STACK_GLOBAL
    if (operation === "}") return "dict";
    if (operation === "]") return "list";
    if (operation === "X") {
      if (at + 4 > bytes.length) return undefined;
      text(at + 4, bytes.readUInt32LE(at));
    } else if (operation === "\x8c") text(at + 1, bytes[at] ?? 0);
    else if (operation in skipped) at += skipped[operation] as number;
    else return undefined;
  }
  return undefined;
}

/** Bytes of the arguments of operations that lie before what matters: frames, marks, the memo. */
const skipped: Readonly<Record<string, number>> = { "\x95": 8, "(": 0, "\x94": 0, q: 1, r: 4 };

/** Two lines: module and name. */
function globalName(bytes: Buffer, start: number): PickleHead | undefined {
  const [module, name, rest] = bytes.toString("utf8", start, start + 1000).split("\n", 3);
  return rest === undefined ? undefined : classOf(`${module}.${name}`);
}

/** Names end up in messages, and a damaged file may hold anything. */
function classOf(className: string): PickleHead | undefined {
  return /^[\p{L}\p{N}_.]{1,500}$/u.test(className) ? { className } : undefined;
}
