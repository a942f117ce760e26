import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventMessage, View } from '../../electron/contract.ts';
import { forkEngine } from '../../electron/service/fork-engine.ts';
import { createService } from '../../electron/service/service.ts';
import { syntheticPhoto } from './synthetic-photo.ts';

/** What a person waits for in the app, seconds; through the app's own service and engine process. */
export interface FirstTile {
  readonly megapixels: number;
  /** From opening the photo to the picture of it on the screen. */
  readonly preview: number;
  /** From the first view to its first enhanced tile, the session being made on the way. */
  readonly firstTileCold: number;
  /** The same after moving to a place not seen before, median of five. */
  readonly firstTileWarm: number;
}

/** A view of 1000×650 result pixels at 100 %. */
const VIEW = { width: 250, height: 162 };

export async function firstTile(megapixels: number): Promise<FirstTile> {
  const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-bench-'));
  const source = await syntheticPhoto(folder, megapixels);
  const service = await createService({
    stateDir: join(folder, 'state'),
    cacheDir: join(folder, 'cache'),
    scratchRoot: join(folder, 'scratch'),
    locale: 'en',
    capabilities: {
      edition: 'test',
      dialogs: false,
      showFile: false,
      recent: false,
      notifications: false,
      keepAwake: false,
      beside: true,
      upload: false,
    },
    launchEngine: () => forkEngine(),
  });
  let id = 0;
  const ask = async (method: string, params: unknown, from: 'page' | 'owner' = 'page') => {
    const answer = await service.answer({ id: ++id, method, params }, from);
    if ('error' in answer) throw new Error(JSON.stringify(answer.error));
    return answer.result as never;
  };
  const next = (fits: (message: EventMessage) => boolean) =>
    new Promise<void>((done) => {
      const stop = service.onEvent((message) => {
        if (!fits(message)) return;
        stop();
        done();
      });
    });
  try {
    const opening = performance.now();
    const { grants } = (await ask('grants.add', { files: [{ path: source }], use: 'read' }, 'owner')) as {
      grants: { id: string }[];
    };
    const ready = next((message) => message.event === 'photo.changed' && message.data.state === 'ready');
    const { photos } = (await ask('photos.open', { grants: grants.map((grant) => grant.id) })) as {
      photos: { id: string }[];
    };
    const photo = photos[0]!.id;
    await ready;
    await (await service.pixels(new Request(`http://x/pixels/preview?photo=${photo}&edge=1600`))).arrayBuffer();
    const preview = seconds(opening);
    const { width, height } = (await ask('photo.show', { photo })) as { width: number; height: number };
    const view = async (number: number, share: number): Promise<number> => {
      const region = {
        x: Math.round((width - VIEW.width) * share),
        y: Math.round((height - VIEW.height) * share),
        ...VIEW,
      };
      const from = performance.now();
      const tile = next(({ event }) => event === 'tile');
      const wanted: View = { photo, number, region, blends: [50], enhance: 'always', ends: false, ring: false };
      await ask('view.set', wanted);
      await tile;
      return seconds(from);
    };
    const firstTileCold = await view(1, 0.5);
    const warm: number[] = [];
    for (let place = 1; place <= 5; place++) warm.push(await view(1 + place, place / 12));
    warm.sort((a, b) => a - b);
    return { megapixels, preview, firstTileCold, firstTileWarm: warm[2]! };
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds(from: number): number {
  return (performance.now() - from) / 1000;
}
