import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measuredProcess } from './measured-process.ts';
import { syntheticPhoto } from './synthetic-photo.ts';

export interface MemoryRun {
  readonly megapixels: number;
  readonly precision: string;
  readonly peakAnonymousMB: number;
  readonly peakResidentMB: number;
}

/** Peak memory for a photo of this size; the network runs on one tile in thirty (see memory-child.ts). */
export async function memoryRun(megapixels: number, precision: string): Promise<MemoryRun> {
  const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-bench-'));
  try {
    const source = await syntheticPhoto(folder, megapixels);
    const script = fileURLToPath(new URL('./memory-child.ts', import.meta.url));
    const run = await measuredProcess(process.execPath, [
      '--import',
      'tsx',
      script,
      source,
      join(folder, 'out'),
      precision,
    ]);
    if (run.code !== 0) throw new Error(run.err);
    return {
      megapixels,
      precision: (JSON.parse(run.out) as { precision: string }).precision,
      peakAnonymousMB: run.peakAnonymousBytes / 1e6,
      peakResidentMB: run.peakResidentBytes / 1e6,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
