/** BYTES elements of a tensor: a 32-bit little-endian length before each (KServe v2 binary tensor data extension). */

/** Views of each element. Throws RangeError if a length points outside `bytes`. */
export function decodeBytesElements(bytes: Uint8Array): Buffer[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements: Buffer[] = [];
  for (let offset = 0; offset < buffer.length; ) {
    const end = offset + 4 + buffer.readUInt32LE(offset);
    if (end > buffer.length) throw new RangeError(`BYTES element ends at byte ${end} of ${buffer.length}`);
    elements.push(buffer.subarray(offset + 4, end));
    offset = end;
  }
  return elements;
}

/** One buffer with every element behind its length. Strings are written as UTF-8. */
export function encodeBytesElements(elements: readonly (string | Uint8Array)[]): Buffer {
  let size = 0;
  for (const element of elements) size += 4 + byteLength(element);
  const buffer = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const element of elements) {
    const length = byteLength(element);
    buffer.writeUInt32LE(length, offset);
    if (typeof element === "string") buffer.write(element, offset + 4, "utf8");
    else buffer.set(element, offset + 4);
    offset += 4 + length;
  }
  return buffer;
}

function byteLength(element: string | Uint8Array): number {
  return typeof element === "string" ? Buffer.byteLength(element) : element.byteLength;
}
