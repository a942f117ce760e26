import { writeSync } from 'node:fs';

/**
 * Writes all of `bytes`: on a disk with little room left a single write may take only the first part, and not say so.
 * @param position where in the file; without one where the file stands, or at its end when it was opened to append
 */
export function writeFully(file: number, bytes: Uint8Array, position?: number): void {
  let done = 0;
  while (done < bytes.length)
    done += writeSync(file, bytes, done, bytes.length - done, position === undefined ? null : position + done);
}
