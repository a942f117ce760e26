import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectPhotos } from '../../electron/cli/collect.ts';
import { Album } from '../../electron/engine/album/album.ts';
import { engineWork } from '../../electron/engine/album/album-work.ts';
import type { EnhanceEvent, PhotoSettings } from '../../electron/engine/enhance-options.ts';
import { NetworkPool } from '../../electron/engine/run/network-pool.ts';
import { shared } from '../shared-data.ts';
import { fakeModels, fakeSessions } from './fake-session.ts';

// An album as bad as can be: truncated files, bombs, foreign formats, odd names. The network is a fake one; everything
// else is real. Photos over 0.3 megapixels count as too large, which keeps this short.

const corpus = join(shared, 'corpus/corpus.tar.gz');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fourfold-corpus-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!existsSync(corpus))('an album of every kind of bad file', () => {
  it('accounts for each of them, with a reason, and leaves nothing behind', { timeout: 240_000 }, async () => {
    const photos = join(folder, 'photos');
    for (const name of ['photos', 'scratch']) mkdirSync(join(folder, name));
    execFileSync('tar', ['xzf', corpus, '-C', photos]);
    const before = fingerprint(photos);

    // Named one by one, as a person would who selects everything: a folder would leave out what is no photo by name.
    const named = files(photos).map((name) => join(photos, name));
    const { photos: found, failures } = await collectPhotos(named, { recursive: false });
    expect(found.length + failures.length).toBeGreaterThan(150);

    const network = new NetworkPool({ models: fakeModels, openSession: fakeSessions().open });
    const album = await Album.open<PhotoSettings, EnhanceEvent>({
      journal: join(folder, 'album.jsonl'),
      work: engineWork({ models: fakeModels, network, scratchDir: join(folder, 'scratch') }),
    });
    const output = join(folder, 'large');
    album.add(
      found.map(({ source }) => ({
        source,
        settings: { blend: 0.5, tile: 256, output, outputIs: 'folder', pixelLimit: 300_000, format: 'jpeg' },
      })),
    );
    await album.start();
    await album.close();
    await network.close();

    const { counts } = album;
    expect(counts).toMatchObject({ waiting: 0, running: 0, paused: 0, cancelled: 0, total: found.length });
    expect(counts.done + counts.failed + counts.skipped).toBe(counts.total);
    const codes = new Map<string, number>();
    for (const { state, error, source } of album.photos) {
      if (state !== 'failed') continue;
      expect(error!.code, `${source}: ${error!.detail}`).not.toBe('unexpected');
      expect(error!.sentence).toMatch(/\.$/);
      codes.set(error!.code, (codes.get(error!.code) ?? 0) + 1);
    }
    console.log(`${counts.done} done, ${counts.failed} failed:`, Object.fromEntries(codes));
    expect(counts.done).toBeGreaterThan(40);
    // Two photos of one name never become one file.
    expect(readdirSync(output).length).toBe(counts.done);
    expect(readdirSync(output).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(join(folder, 'scratch'))).toEqual([]);
    expect(fingerprint(photos)).toBe(before);
    for (const { state, result } of album.photos)
      if (state === 'done')
        expect(await sharp(result!.path).metadata()).toMatchObject({ width: result!.width, height: result!.height });
  });
});

function files(at: string): string[] {
  return readdirSync(at, { recursive: true })
    .map(String)
    .filter((name) => lstatSync(join(at, name)).isFile() && name !== 'manifest.tsv')
    .sort();
}

/** Every source as it is, byte for byte. */
function fingerprint(at: string): string {
  const hash = createHash('sha256');
  for (const name of files(at)) hash.update(name).update(readFileSync(join(at, name)));
  return hash.digest('hex');
}
