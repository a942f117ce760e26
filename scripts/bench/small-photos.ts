import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sharp } from '../../electron/engine/photo/imaging.ts';

const FIXTURE = fileURLToPath(new URL('../../test/fixtures/hubble_deep_field.jpg', import.meta.url));

/** Makes a folder of `count` different photos of 64×48: what an album costs beside the network. */
export async function makeSmallPhotos(folder: string, count: number): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < count; n++)
    await sharp(FIXTURE)
      .extract({ left: (n * 7) % 900, top: (n * 13) % 780, width: 64, height: 48 })
      .jpeg()
      .toFile(join(folder, `small-${String(n).padStart(3, '0')}.jpg`));
  return folder;
}

/** Unpacks an archive of bad files (hostile names among them) into a folder. */
export function unpackCorpus(archive: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  execFileSync('tar', ['xzf', archive, '-C', folder]);
  return folder;
}
