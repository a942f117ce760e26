/** What a cache entry holds: something drawable that must be closed, and its weight. */
export interface Closable {
  close(): void;
}

interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
}

/**
 * Least recently used bitmaps, counted in bytes and closed when they go (an `ImageBitmap` holds graphics memory that
 * the collector does not see). `isNeeded` shields what is on screen: evicting that would only fetch it again. Of what is
 * not needed at most `spareBytes` stay, however high the limit.
 */
export class BitmapCache<T extends Closable> {
  readonly #entries = new Map<string, Entry<T>>();
  #limit: number;
  #bytes = 0;
  readonly #isNeeded: (key: string) => boolean;
  readonly #spare: number;

  constructor(
    limitBytes: number,
    isNeeded: (key: string) => boolean = () => false,
    spareBytes = Number.POSITIVE_INFINITY,
  ) {
    this.#limit = limitBytes;
    this.#isNeeded = isNeeded;
    this.#spare = spareBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** The value, and marks it as just used. */
  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: T, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    this.#evict(key);
  }

  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
    entry.value.close();
  }

  /** Drops every entry whose key satisfies the test. */
  deleteWhere(test: (key: string) => boolean): void {
    for (const key of [...this.#entries.keys()]) if (test(key)) this.delete(key);
  }

  setLimit(limitBytes: number): void {
    this.#limit = limitBytes;
    this.trim();
  }

  /** Lets go what is too much; to be called when other entries are needed than before. */
  trim(): void {
    this.#evict('');
  }

  #evict(justSet: string): void {
    if (this.#bytes <= Math.min(this.#limit, this.#spare)) return;
    const unneeded = [...this.#entries].filter(([key]) => !this.#isNeeded(key));
    let spare = unneeded.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    for (const [key, { bytes }] of unneeded) {
      if (this.#bytes <= this.#limit && spare <= this.#spare) return;
      if (key === justSet) continue;
      this.delete(key);
      spare -= bytes;
    }
  }
}
