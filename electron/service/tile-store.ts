import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Channels, Depth, Raster } from '../engine/photo/raster.ts';

/** One enhanced tile. Equal keys mean equal pixels, on any day. */
export interface TileKey {
  /** Hash of the source file's bytes. */
  readonly source: string;
  /** Hash of the models, and the precision they run in. */
  readonly models: string;
  readonly blend: number;
  readonly column: number;
  readonly row: number;
}

export interface TileStoreOptions {
  readonly folder: string;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

/** `4FT1`, width, height, channels, depth: little-endian uint32 each; then the samples. */
const MAGIC = 0x31544634;
const HEADER = 20;

/** Tiles on their way to the disk; beyond this they are only kept in memory. */
const MOST_PENDING = 128 << 20;

/**
 * What the network made, kept: in memory up to a limit, and on the disk up to another, oldest use out first. Everything
 * in memory is also written to the disk, so a crash or a restart loses no tile.
 */
export class TileStore {
  readonly #folder: string;
  #memoryLimit: number;
  #diskLimit: number;
  readonly #memory = new Map<string, Raster>();
  readonly #disk = new Map<string, number>();
  #memoryBytes = 0;
  #diskBytes = 0;
  #pendingBytes = 0;
  #writes: Promise<void>;

  constructor({ folder, memoryBytes, diskBytes }: TileStoreOptions) {
    this.#folder = folder;
    this.#memoryLimit = memoryBytes;
    this.#diskLimit = diskBytes;
    this.#writes = this.#scan().catch(() => {});
  }

  /** The disk's list is read at the start; before that only memory answers. */
  get ready(): Promise<void> {
    return this.#writes;
  }

  has(key: TileKey): boolean {
    const name = nameOf(key);
    return this.#memory.has(name) || this.#disk.has(name);
  }

  async get(key: TileKey): Promise<Raster | undefined> {
    const name = nameOf(key);
    const near = this.#memory.get(name);
    if (near) {
      this.#remember(name, near);
      return near;
    }
    if (!this.#disk.has(name)) return undefined;
    const raster = await readFile(join(this.#folder, name)).then(decode, () => undefined);
    if (raster) this.#remember(name, raster);
    else this.#forgetFile(name).catch(() => {});
    return raster;
  }

  put(key: TileKey, raster: Raster): void {
    const name = nameOf(key);
    this.#remember(name, raster);
    if (this.#disk.has(name) || raster.data.byteLength > this.#diskLimit) return;
    if (this.#pendingBytes + raster.data.byteLength > MOST_PENDING) return;
    this.#pendingBytes += raster.data.byteLength;
    this.#writes = this.#writes
      .then(() => this.#write(name, raster))
      // A full or read-only disk: this run goes on with memory alone.
      .catch(() => {
        this.#diskLimit = 0;
      })
      .finally(() => {
        this.#pendingBytes -= raster.data.byteLength;
      });
  }

  setLimits(memoryBytes: number, diskBytes: number): void {
    this.#memoryLimit = memoryBytes;
    this.#diskLimit = diskBytes;
    this.#trimMemory();
    this.#writes = this.#writes.then(() => this.#trimDisk()).catch(() => {});
  }

  get size(): { memoryBytes: number; diskBytes: number } {
    return { memoryBytes: this.#memoryBytes, diskBytes: this.#diskBytes };
  }

  /** Everything kept until now goes; tiles put meanwhile are written afterwards. */
  clear(): Promise<void> {
    this.#memory.clear();
    this.#memoryBytes = 0;
    const cleared = this.#writes.then(() => this.#clearDisk());
    this.#writes = cleared.catch(() => {});
    return cleared;
  }

  /** Waits until everything under way is on the disk. */
  async close(): Promise<void> {
    await this.#writes;
    this.#memory.clear();
    this.#memoryBytes = 0;
  }

  #remember(name: string, raster: Raster): void {
    const before = this.#memory.get(name);
    if (before) {
      this.#memory.delete(name);
      this.#memoryBytes -= before.data.byteLength;
    }
    this.#memory.set(name, raster);
    this.#memoryBytes += raster.data.byteLength;
    if (this.#disk.has(name)) {
      const bytes = this.#disk.get(name)!;
      this.#disk.delete(name);
      this.#disk.set(name, bytes);
    }
    this.#trimMemory();
  }

  #trimMemory(): void {
    for (const [name, raster] of this.#memory) {
      if (this.#memoryBytes <= this.#memoryLimit) return;
      this.#memory.delete(name);
      this.#memoryBytes -= raster.data.byteLength;
    }
  }

  async #write(name: string, raster: Raster): Promise<void> {
    const path = join(this.#folder, name);
    await mkdir(join(path, '..'), { recursive: true });
    const bytes = encode(raster);
    await writeFile(`${path}.new`, bytes);
    await rename(`${path}.new`, path);
    this.#disk.set(name, bytes.length);
    this.#diskBytes += bytes.length;
    await this.#trimDisk();
  }

  async #trimDisk(): Promise<void> {
    for (const name of this.#disk.keys()) {
      if (this.#diskBytes <= this.#diskLimit) return;
      await this.#forgetFile(name);
    }
  }

  async #forgetFile(name: string): Promise<void> {
    this.#diskBytes -= this.#disk.get(name) ?? 0;
    this.#disk.delete(name);
    await rm(join(this.#folder, name), { force: true });
  }

  async #clearDisk(): Promise<void> {
    this.#disk.clear();
    this.#diskBytes = 0;
    try {
      await rm(this.#folder, { recursive: true, force: true });
    } catch (error) {
      // What is still there still counts.
      await this.#scan();
      throw error;
    }
  }

  async #scan(): Promise<void> {
    const names = await readdir(this.#folder, { recursive: true }).catch(() => []);
    const found: { name: string; bytes: number; usedMs: number }[] = [];
    for (const file of names) {
      const facts = await stat(join(this.#folder, file)).catch(() => undefined);
      if (!facts?.isFile()) continue;
      if (file.endsWith('.new')) await rm(join(this.#folder, file), { force: true });
      else found.push({ name: file.replaceAll('\\', '/'), bytes: facts.size, usedMs: facts.mtimeMs });
    }
    for (const { name, bytes } of found.sort((a, b) => a.usedMs - b.usedMs)) {
      this.#disk.set(name, bytes);
      this.#diskBytes += bytes;
    }
    await this.#trimDisk();
  }
}

/** Path below the store's folder. */
function nameOf({ source, models, blend, column, row }: TileKey): string {
  return `${source}/${models}-${blend}-${column}-${row}.tile`;
}

function encode({ width, height, channels, depth, data }: Raster): Buffer {
  const header = Buffer.alloc(HEADER);
  for (const [index, value] of [MAGIC, width, height, channels, depth].entries())
    header.writeUInt32LE(value, index * 4);
  return Buffer.concat([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
}

function decode(bytes: Buffer): Raster | undefined {
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== MAGIC) return undefined;
  const [width, height, channels, depth] = [4, 8, 12, 16].map((at) => bytes.readUInt32LE(at)) as [
    number,
    number,
    Channels,
    Depth,
  ];
  if (bytes.length !== HEADER + (width * height * channels * depth) / 8) return undefined;
  // A copy of its own: Uint16Array needs an even offset, and a slice of the file's buffer would keep all of it.
  const samples = new Uint8Array(bytes.subarray(HEADER));
  return { width, height, channels, depth, data: depth === 8 ? samples : new Uint16Array(samples.buffer) };
}
