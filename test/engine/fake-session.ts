import { FourfoldError } from '../../electron/engine/errors.ts';
import { finding } from '../../electron/engine/finding.ts';
import type { ModelPair } from '../../electron/engine/network/model.ts';
import { createRaster, type Raster } from '../../electron/engine/photo/raster.ts';
import type { NetworkSession, OpenSession, SessionOptions } from '../../electron/engine/run/session.ts';
import { fitCore } from '../../electron/engine/run/tile-plan.ts';

/** What a fake session does with a tile: `run` gives the right result, or throws, or a wrong one. */
export interface FakeTile {
  readonly session: NetworkSession;
  /** Counted over all sessions, from 0. */
  readonly tile: number;
  readonly padded: Raster;
  run(): Raster;
}

export interface Fake {
  readonly open: OpenSession;
  /** Every session that was opened, in order. */
  readonly opened: SessionOptions[];
  tiles: number;
  /** Sessions open now, and the most at any time. */
  now: number;
  most: number;
}

export const FAKE_HALO = 4;

/** Models that only name themselves; a fake session looks at nothing in them. */
export const fakeModels = { id: 'fake', manifest: {}, spec: {}, weights: () => new Map() } as unknown as ModelPair;

/**
 * Sessions that enlarge by repeating pixels: what comes out of a tile does not depend on the plan, and shrinking it gives
 * the source back. `act` may fail in its place.
 */
export function fakeSessions(act: (tile: FakeTile) => Raster | Promise<Raster> = ({ run }) => run()): Fake {
  const fake: Fake = {
    opened: [],
    tiles: 0,
    now: 0,
    most: 0,
    async open(options) {
      fake.opened.push(options);
      fake.most = Math.max(fake.most, ++fake.now);
      const largest =
        typeof options.tile === 'object' ? options.tile : { width: options.tile ?? 48, height: options.tile ?? 48 };
      const tile = options.picture ? fitCore(options.picture, largest) : largest;
      let closed = false;
      const session: NetworkSession = {
        device: options.device === 'auto' ? 'webgpu' : options.device,
        deviceName: `Fake ${options.device}`,
        precision: options.precision === 'auto' ? 'fp32' : options.precision,
        blend: options.blend,
        tile,
        halo: FAKE_HALO,
        why: [finding('precision-asked', { precision: 'fp32' })],
        async enhance(padded) {
          if (closed) throw new Error('Expected an open session');
          if (padded.width !== tile.width + 2 * FAKE_HALO || padded.height !== tile.height + 2 * FAKE_HALO)
            throw new RangeError('Expected a tile of the session’s shape');
          return act({ session, tile: fake.tiles++, padded, run: () => repeated(padded, tile.width, tile.height) });
        },
        async close() {
          // As onnxruntime does.
          if (closed) throw new Error('Session already disposed.');
          fake.now--;
          closed = true;
        },
      };
      return session;
    },
  };
  return fake;
}

export function outOfMemory(): FourfoldError {
  return new FourfoldError('device-memory', 'The graphics memory ran out.');
}

export function deviceLost(): FourfoldError {
  return new FourfoldError('device-lost', 'The graphics device stopped.');
}

/** All samples the same: what a broken driver gives. */
export function flat(like: Raster, value: number): Raster {
  return { ...like, data: like.data.slice().fill(value) };
}

/** Whether two rasters hold the same picture; a matcher would spend seconds on the samples. */
export function sameSamples(a: Raster, b: Raster): boolean {
  const bytes = ({ data }: Raster) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return a.width === b.width && a.height === b.height && a.channels === b.channels && bytes(a).equals(bytes(b));
}

function repeated(padded: Raster, width: number, height: number): Raster {
  const large = createRaster(width * 4, height * 4, 3, padded.depth);
  for (let y = 0; y < height * 4; y++)
    for (let x = 0; x < width * 4; x++)
      for (let c = 0; c < 3; c++) {
        const from = ((FAKE_HALO + (y >> 2)) * padded.width + FAKE_HALO + (x >> 2)) * 3 + c;
        large.data[(y * width * 4 + x) * 3 + c] = padded.data[from]!;
      }
  return large;
}
