import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

// Large pieces on purpose: while the network runs, every wait for the disk lasts a whole tile.
const PIECE = 32 << 20;

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const piece = Buffer.allocUnsafe(Math.max(1, Math.min(size, PIECE)));
    for (;;) {
      const { bytesRead } = await file.read(piece);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
