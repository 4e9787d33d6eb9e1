import type { FileHandle } from "node:fs/promises";

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** 0: as it is; anything else is compressed. */
  readonly method: number;
  readonly byteSize: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/**
 * Reads the directory at the end of a zip archive, with 64-bit sizes too.
 *
 * @returns undefined if there is none, or none that fits the file: it is no archive, or cut off
 * @see PKWARE "APPNOTE.TXT - .ZIP File Format Specification", 4.3
 */
export async function readZipDirectory(file: FileHandle): Promise<ZipEntry[] | undefined> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - maxTail), Math.min(size, maxTail));
  const end = tail.lastIndexOf(endSignature);
  if (end < 0 || end + 22 > tail.length) return undefined;
  const directory = (await directory64(file, tail, end)) ?? {
    byteSize: tail.readUInt32LE(end + 12),
    offset: tail.readUInt32LE(end + 16),
  };
  if (directory.offset + directory.byteSize > size || directory.byteSize > maxDirectory) return undefined;
  return entriesOf(await readAt(file, directory.offset, directory.byteSize));
}

/** The first bytes of an entry that is stored as it is, `limit` at most. */
export async function readZipEntry(file: FileHandle, entry: ZipEntry, limit: number): Promise<Buffer> {
  const header = await readAt(file, entry.offset, 30);
  if (header.length < 30) return header;
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  return readAt(file, start, Math.min(limit, entry.byteSize));
}

const endSignature = Buffer.from("PK\x05\x06", "latin1");
const locatorSignature = Buffer.from("PK\x06\x07", "latin1");
const entrySignature = Buffer.from("PK\x01\x02", "latin1");
/** The end record with the longest comment, and the locator of the 64-bit one before it. */
const maxTail = 22 + 0xffff + 20;
/** A million entries; nothing that claims more is worth the memory. */
const maxDirectory = 128 << 20;

/** What the 64-bit end record says, if there is one. */
async function directory64(file: FileHandle, tail: Buffer, end: number) {
  const locator = end - 20;
  if (locator < 0 || !tail.subarray(locator, locator + 4).equals(locatorSignature)) return undefined;
  const record = await readAt(file, Number(tail.readBigUInt64LE(locator + 8)), 56);
  if (record.length < 56) return undefined;
  return { byteSize: Number(record.readBigUInt64LE(40)), offset: Number(record.readBigUInt64LE(48)) };
}

function entriesOf(directory: Buffer): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.subarray(at, at + 4).equals(entrySignature)) {
    const nameSize = directory.readUInt16LE(at + 28);
    const extraSize = directory.readUInt16LE(at + 30);
    const extra = directory.subarray(at + 46 + nameSize, at + 46 + nameSize + extraSize);
    const sizes = wideSizes(
      extra,
      [24, 20, 42].map((offset) => directory.readUInt32LE(at + offset)),
    );
    entries.push({
      name: directory.toString("utf8", at + 46, at + 46 + nameSize),
      method: directory.readUInt16LE(at + 10),
      byteSize: sizes[1] as number,
      offset: sizes[2] as number,
    });
    at += 46 + nameSize + extraSize + directory.readUInt16LE(at + 32);
  }
  return entries;
}

/** Sizes with those that are 0xffffffff taken from the extra field with 64-bit ones, where they stand in the same order. */
function wideSizes(extra: Buffer, sizes: readonly number[]): number[] {
  let at = 0;
  while (at + 4 <= extra.length && extra.readUInt16LE(at) !== 1) at += 4 + extra.readUInt16LE(at + 2);
  at += 4;
  return sizes.map((size) => {
    if (size !== 0xffffffff || at + 8 > extra.length) return size;
    at += 8;
    return Number(extra.readBigUInt64LE(at - 8));
  });
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position)) return Buffer.alloc(0); // of a damaged archive
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
