import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FourfoldError } from '../engine/errors.ts';
import { writingError } from '../engine/file-errors.ts';

/** Larger than any photo within the pixel limit, uncompressed at 16 bits. */
const MOST_BYTES = 2 * 2 ** 30;

/** What is told of an upload that was refused. */
export class UploadRefused extends FourfoldError {
  constructor(path: string) {
    const sentence = 'This file is larger than any photo Fourfold takes. It was not kept. Choose another.';
    super('wrong-use', sentence, { path });
  }
}

/** Files the page handed over, each in a folder of its own so that it keeps its name. */
export class Uploads {
  readonly #folder: string;
  readonly #mostBytes: number;
  readonly #taken = new Set<string>();

  constructor(folder: string, mostBytes = MOST_BYTES) {
    this.#folder = folder;
    this.#mostBytes = mostBytes;
  }

  /**
   * Stores a body under (a harmless form of) the name it came with. After a failure the rest of the body can still be
   * read: a browser hears an answer only once it has sent everything.
   * @throws UploadRefused when it is larger than any photo may be, or a FourfoldError for a fault of the disk
   */
  async take(name: string, body: Readable): Promise<{ path: string }> {
    const folder = join(this.#folder, randomBytes(9).toString('base64url'));
    const path = join(folder, harmless(name));
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
      await pipeline(limited(chunks, this.#mostBytes, path), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      this.#taken.add(path);
      return { path };
    } catch (error) {
      await this.#remove(path);
      throw writingError(error, path);
    }
  }

  /**
   * Takes an upload off the disk; any other file is left alone, an earlier run's too, whose unfinished album may need it.
   * Never throws: what cannot be removed now goes at a later start.
   */
  async letGo(path: string): Promise<void> {
    if (this.#taken.delete(path)) await this.#remove(path);
  }

  async #remove(path: string): Promise<void> {
    await rm(dirname(path), { recursive: true, force: true }).catch(() => {});
  }
}

async function* limited(body: AsyncIterable<Buffer>, mostBytes: number, path: string): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new UploadRefused(path);
    yield chunk;
  }
}

/** One plain file name: no folders, nothing a disk refuses, not too long. */
function harmless(name: string): string {
  const last = name.split(/[\\/]/).at(-1) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  const plain = last.replace(/[<>:"|?*\u0000-\u001f]/g, '_').replace(/^\.+/, '_');
  const dot = plain.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
  return `${[...stem].slice(0, 120).join('') || 'photo'}${extension.slice(0, 12)}`;
}
