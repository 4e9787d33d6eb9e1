import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** What the dynamic section of an ELF file says about the libraries it links to. */
export interface Linkage {
  readonly needed: readonly string[];
  /** Folders to look in first, `$ORIGIN` resolved. */
  readonly runPath: readonly string[];
}

/**
 * The libraries that `file` links to and that the dynamic loader would not find, by name. Direct ones only.
 *
 * @see ld.so(8): RPATH, LD_LIBRARY_PATH, RUNPATH, the cache, /lib, /usr/lib
 */
export function missingLibraries(file: string, env: NodeJS.ProcessEnv): string[] {
  const { needed, runPath } = readLinkage(file);
  const named = (env.LD_LIBRARY_PATH ?? "").split(delimiter).filter(Boolean);
  const folders = [...runPath, ...named, "/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/cuda/lib64"];
  const cache = loaderCache();
  return needed.filter(
    (name) =>
      !name.startsWith("ld-linux") &&
      !folders.some((folder) => existsSync(join(folder, name))) &&
      !cache.includes(`/${name}\0`),
  );
}

let cacheText: string | undefined;
function loaderCache(): string {
  try {
    cacheText ??= readFileSync("/etc/ld.so.cache", "latin1");
  } catch {
    cacheText = "";
  }
  return cacheText;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_RPATH = 15;
const DT_RUNPATH = 29;

/** Reads a 64-bit little-endian ELF file's dynamic section; an empty answer for anything else. */
export function readLinkage(file: string): Linkage {
  const descriptor = openSync(file, "r");
  try {
    const read = (offset: number, length: number) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    };
    const header = read(0, 64);
    const isElf64 =
      header.length === 64 && header.readUInt32BE(0) === 0x7f454c46 && header[4] === 2 && header[5] === 1;
    if (!isElf64) return { needed: [], runPath: [] };
    const segments = readSegments(header, read);
    const dynamic = segments.find((segment) => segment.type === PT_DYNAMIC);
    if (!dynamic) return { needed: [], runPath: [] };
    const entries = readDynamic(read(dynamic.offset, dynamic.fileSize));
    const strings = fileOffset(entries.find((entry) => entry.tag === DT_STRTAB)?.value ?? 0, segments);
    const texts = (...tags: number[]) =>
      entries
        .filter((entry) => tags.includes(entry.tag))
        .map((entry) => readString(strings + entry.value, read));
    return {
      needed: texts(DT_NEEDED),
      runPath: texts(DT_RPATH, DT_RUNPATH)
        .flatMap((paths) => paths.split(":"))
        .filter(Boolean)
        .map((path) => path.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(file))),
    };
  } finally {
    closeSync(descriptor);
  }
}

type Read = (offset: number, length: number) => Buffer;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

function readSegments(header: Buffer, read: Read): Segment[] {
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  const table = read(Number(header.readBigUInt64LE(32)), size * count);
  return Array.from({ length: Math.floor(table.length / size) }, (_, index) => {
    const at = index * size;
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      fileSize: Number(table.readBigUInt64LE(at + 32)),
    };
  });
}

function readDynamic(table: Buffer): { tag: number; value: number }[] {
  return Array.from({ length: Math.floor(table.length / 16) }, (_, index) => ({
    tag: Number(table.readBigUInt64LE(index * 16)),
    value: Number(table.readBigUInt64LE(index * 16 + 8)),
  }));
}

function fileOffset(address: number, segments: readonly Segment[]): number {
  const holds = (segment: Segment) =>
    segment.type === PT_LOAD && address >= segment.address && address < segment.address + segment.fileSize;
  const segment = segments.find(holds);
  return segment ? address - segment.address + segment.offset : 0;
}

/** Far longer than any library name or search path in practice. */
const MAX_STRING_BYTES = 4096;

function readString(offset: number, read: Read): string {
  const bytes = read(offset, MAX_STRING_BYTES);
  const end = bytes.indexOf(0);
  return bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
}
