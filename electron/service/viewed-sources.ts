import { statSync } from 'node:fs';
import type { Opened } from './opened-photos.ts';

/** Hashes of the photos the viewer has worked on, by path: these have tiles to reuse. */
export class ViewedSources {
  readonly #viewed = new Map<string, Pick<Opened['decoded']['info'], 'bytes' | 'modifiedMs'> & { source: string }>();

  add(path: string, { source, decoded: { info } }: Pick<Opened, 'source' | 'decoded'>): void {
    this.#viewed.set(path, { source, bytes: info.bytes, modifiedMs: info.modifiedMs });
  }

  /** The hash of the file that lies at `path` now; undefined when it is not the one that was viewed. */
  hash(path: string): string | undefined {
    const viewed = this.#viewed.get(path);
    if (!viewed) return undefined;
    try {
      const now = statSync(path, { bigint: true });
      const same = Number(now.size) === viewed.bytes && Number(now.mtimeMs) === viewed.modifiedMs;
      return same ? viewed.source : undefined;
    } catch {
      // Whoever reads it next tells why it cannot be read.
      return undefined;
    }
  }
}
