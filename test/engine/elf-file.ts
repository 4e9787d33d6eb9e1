/** A 64-bit ELF file that links to `needed` and looks in `runPath`, with nothing else in it. */
export function elfLinkingTo(needed: readonly string[], runPath: readonly string[]): Buffer {
  const header = Buffer.alloc(64);
  header.write("\x7fELF\x02\x01\x01", "latin1");
  header.writeBigUInt64LE(64n, 32); // where the segments are described
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(2, 56);
  const texts = ["", ...needed, runPath.join(":")];
  const strings = Buffer.from(`${texts.join("\0")}\0`);
  const offsetOf = (index: number) => texts.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0);
  const start = 64 + 2 * 56;
  const tags: [number, number][] = [
    ...needed.map((_, index): [number, number] => [1, offsetOf(index + 1)]),
    [29, offsetOf(needed.length + 1)],
    [5, ADDRESS + start],
    [0, 0],
  ];
  const dynamic = Buffer.alloc(tags.length * 16);
  tags.forEach(([tag, value], index) => {
    dynamic.writeBigUInt64LE(BigInt(tag), index * 16);
    dynamic.writeBigUInt64LE(BigInt(value), index * 16 + 8);
  });
  const total = start + strings.length + dynamic.length;
  return Buffer.concat([
    header,
    segment(1, 0, total),
    segment(2, start + strings.length, dynamic.length),
    strings,
    dynamic,
  ]);
}

/** Where the file is mapped: addresses in it are not offsets. */
const ADDRESS = 0x10000;

function segment(type: number, offset: number, size: number): Buffer {
  const bytes = Buffer.alloc(56);
  bytes.writeUInt32LE(type, 0);
  for (const [index, value] of [offset, ADDRESS + offset, 0, size].entries()) {
    bytes.writeBigUInt64LE(BigInt(value), 8 + index * 8);
  }
  return bytes;
}
