import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EventMessage, Photo, Service, View } from '../../electron/contract.ts';
import type * as forking from '../../electron/service/fork-service.ts';
import { superviseService } from '../../electron/service/supervisor.ts';
import { buildParts } from '../dev/build.ts';
import { syntheticPhoto } from './synthetic-photo.ts';

/** What a person waits for in the app, seconds; medians over several starts of its own processes, as `npm start` runs them. */
export interface FirstTile {
  readonly megapixels: number;
  readonly starts: number;
  /** From the start of the service to its first answer. */
  readonly answers: number;
  /** From opening the photo, at once, to the picture of it. */
  readonly preview: number;
  /** From looking at 100 %, at once, to the tile in the middle: the session is being made meanwhile. */
  readonly firstTileCold: number;
  /** From the start of the service to that tile: everything above. */
  readonly sinceStart: number;
  /** From moving to a place not seen before to its first tile. */
  readonly firstTileWarm: number;
}

/** A view of 1000×650 result pixels at 100 %. */
const VIEW = { width: 250, height: 162 };

/** The photo and its place; every start has its own folders and no kept tiles. */
export async function firstTile(megapixels: number, starts: number): Promise<FirstTile> {
  const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-bench-'));
  try {
    await buildParts(['node']);
    const built = fileURLToPath(new URL('../../dist/service/fork-service.js', import.meta.url));
    const { forkService } = (await import(built)) as typeof forking;
    const source = await syntheticPhoto(folder, megapixels);
    const runs: Omit<FirstTile, 'megapixels' | 'starts'>[] = [];
    // The first start of all reads the programs from the disk and probes int8; it counts for nobody.
    for (let start = 0; start <= starts; start++) runs.push(await once(forkService, join(folder, `${start}`), source));
    const median = (key: keyof (typeof runs)[0]) =>
      runs
        .slice(1)
        .map((run) => run[key])
        .sort((a, b) => a - b)[starts >> 1]!;
    return {
      ...{ megapixels, starts, answers: median('answers'), preview: median('preview') },
      ...{ firstTileCold: median('firstTileCold'), sinceStart: median('sinceStart') },
      firstTileWarm: median('firstTileWarm'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function once(forkService: typeof forking.forkService, folder: string, source: string) {
  const started = performance.now();
  const service = await superviseService({
    launch: (restored) =>
      forkService({
        ...{ stateDir: join(folder, 'state'), cacheDir: join(folder, 'cache'), scratchRoot: join(folder, 'scratch') },
        ...{ locale: 'en', restored },
        capabilities: {
          ...{ edition: 'test', dialogs: false, showFile: false, recent: false, notifications: false },
          ...{ keepAwake: false, beside: true, upload: false },
        },
      }),
  });
  try {
    const { ask, next } = client(service);
    await ask('app.hello', undefined);
    const answers = seconds(started);
    const opening = performance.now();
    const { grants } = await ask<{ grants: { id: string }[] }>(
      'grants.add',
      { files: [{ path: source }], use: 'read' },
      'owner',
    );
    const { photos } = await ask<{ photos: Photo[] }>('photos.open', { grants: grants.map(({ id }) => id) });
    const photo = photos[0]!.id;
    const showing = ask<{ width: number; height: number }>('photo.show', { photo });
    await (await service.pixels(new Request(`http://x/pixels/preview?photo=${photo}&edge=1600`))).arrayBuffer();
    const preview = seconds(opening);
    const { width, height } = await showing;
    const look = async (number: number, share: number): Promise<number> => {
      const place = {
        x: Math.round((width - VIEW.width) * share),
        y: Math.round((height - VIEW.height) * share),
        ...VIEW,
      };
      const from = performance.now();
      const tile = next(({ event }) => event === 'tile');
      const view: View = { photo, number, region: place, blends: [50], enhance: 'auto', ends: false, ring: false };
      await Promise.all([ask('view.set', view), tile]);
      return seconds(from);
    };
    const firstTileCold = await look(1, 0.5);
    const sinceStart = seconds(started);
    const warm: number[] = [];
    for (let place = 1; place <= 5; place++) warm.push(await look(1 + place, place / 12));
    return { answers, preview, firstTileCold, sinceStart, firstTileWarm: warm.sort((a, b) => a - b)[2]! };
  } finally {
    await service.close();
  }
}

function client(service: Service) {
  let id = 0;
  return {
    async ask<T>(method: string, params: unknown, from: 'page' | 'owner' = 'page'): Promise<T> {
      const answer = await service.answer({ id: ++id, method, ...(params !== undefined && { params }) }, from);
      if ('error' in answer) throw new Error(JSON.stringify(answer.error));
      return answer.result as T;
    },
    next: (fits: (message: EventMessage) => boolean) =>
      new Promise<void>((done) => {
        const stop = service.onEvent((message) => {
          if (!fits(message)) return;
          stop();
          done();
        });
      }),
  };
}

function seconds(from: number): number {
  return (performance.now() - from) / 1000;
}
