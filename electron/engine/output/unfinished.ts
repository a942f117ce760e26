import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writingError } from '../file-errors.ts';
import { writeFully } from '../photo/full-write.ts';
import { checkInside } from '../photo/pixel-source.ts';
import type { Channels, Depth, Raster } from '../photo/raster.ts';
import { bytesPerRow, VIPS_HEADER_BYTES, vipsFileBytes, vipsHeader } from '../photo/vips-file.ts';
import { requireDisk } from '../resources.ts';

/** The picture being made: an uncompressed file that takes tiles in any order and is then encoded from end to end. */
export interface UnfinishedPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  /**
   * Puts a raster of the picture's channels and depth at x, y (result px).
   * @throws FourfoldError 'disk-full', 'drive-gone'; RangeError when it does not fit.
   */
  write(raster: Raster, x: number, y: number): void;
  /** No more tiles come; the file may be encoded. */
  finish(): Promise<void>;
  /** Deletes the file. Safe at any time, and twice. */
  discard(): Promise<void>;
}

/**
 * Starts an unfinished picture in `scratchDir`. Its depth should be the output's, so that rounding happens once.
 * @throws FourfoldError 'disk-full' before anything is written when there is no room for it.
 */
export async function createUnfinished(
  scratchDir: string,
  width: number,
  height: number,
  channels: Channels,
  depth: Depth,
): Promise<UnfinishedPicture> {
  const shape = { width, height, channels, depth };
  await requireDisk(scratchDir, vipsFileBytes(shape));
  const path = join(scratchDir, `unfinished-${randomUUID()}.v`);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx');
    writeFully(file.fd, vipsHeader(shape), 0);
    await file.truncate(vipsFileBytes(shape));
  } catch (error) {
    await file?.close();
    await rm(path, { force: true });
    throw writingError(error, path);
  }
  const lineBytes = bytesPerRow(shape);
  const pixelBytes = channels * (depth / 8);
  const close = async () => {
    const closing = file;
    file = undefined;
    await closing?.close();
  };

  return {
    path,
    ...shape,
    write(raster, x, y) {
      if (!file) throw new Error('The unfinished picture is closed.');
      if (raster.channels !== channels || raster.depth !== depth) {
        throw new RangeError(
          `Expected ${channels} channels of ${depth} bits but received ${raster.channels} of ${raster.depth}`,
        );
      }
      checkInside({ x, y, width: raster.width, height: raster.height }, shape);
      const bytes = new Uint8Array(raster.data.buffer, raster.data.byteOffset, raster.data.byteLength);
      const rowBytes = raster.width * pixelBytes;
      const whole = raster.width === width;
      const rows = whole ? 1 : raster.height;
      const length = whole ? bytes.length : rowBytes;
      try {
        for (let row = 0; row < rows; row++) {
          const position = VIPS_HEADER_BYTES + (y + row) * lineBytes + x * pixelBytes;
          writeFully(file.fd, bytes.subarray(row * rowBytes, row * rowBytes + length), position);
        }
      } catch (error) {
        throw writingError(error, path);
      }
    },
    finish: close,
    async discard() {
      await close();
      await rm(path, { force: true });
    },
  };
}
