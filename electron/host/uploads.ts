import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Larger than any photo within the pixel limit, uncompressed at 16 bits. */
const MOST_BYTES = 2 * 2 ** 30;

/** What is told of an upload that was refused. */
export class UploadRefused extends Error {}

/** Files the page handed over, each in a folder of its own so that it keeps its name. */
export class Uploads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Stores a body under (a harmless form of) the name it came with.
   * @throws UploadRefused when it is larger than any photo may be
   */
  async take(name: string, body: Readable): Promise<{ path: string }> {
    const folder = join(this.#folder, randomBytes(9).toString('base64url'));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, harmless(name));
    try {
      await pipeline(body, limited, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
      return { path };
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }
}

async function* limited(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES)
      throw new UploadRefused('This file is larger than any photo Fourfold takes. It was not kept. Choose another.');
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
