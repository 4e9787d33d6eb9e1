/** What is wrong with the bytes of a BYTES tensor. */
export type StringElementsFault =
  | { readonly kind: "too few" | "too many"; readonly found: number }
  | { readonly kind: "incomplete length"; readonly available: number }
  | { readonly kind: "incomplete data"; readonly length: number; readonly available: number };

/**
 * Whether `bytes` hold just `expected` elements, each behind its 32-bit little-endian length. Reads the lengths only.
 *
 * @returns undefined if they do
 */
export function checkStringElements(bytes: Uint8Array, expected: number): StringElementsFault | undefined {
  const end = bytes.length;
  let offset = 0;
  let found = 0;
  while (offset < end) {
    if (found === expected) return { kind: "too many", found: found + 1 };
    if (end - offset < 4) return { kind: "incomplete length", available: end - offset };
    const length = lengthAt(bytes, offset);
    offset += 4;
    if (end - offset < length) return { kind: "incomplete data", length, available: end - offset };
    offset += length;
    found++;
  }
  return found === expected ? undefined : { kind: "too few", found };
}

function lengthAt(bytes: Uint8Array, offset: number): number {
  const low = (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
  const high = (bytes[offset + 2] as number) | ((bytes[offset + 3] as number) << 8);
  return low + high * 0x10000;
}
