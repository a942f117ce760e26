import { setTimeout as wait } from 'node:timers/promises';
import { FourfoldError } from '../../electron/engine/errors.ts';
import type { ModelPair } from '../../electron/engine/network/model.ts';
import { createRaster, type Raster } from '../../electron/engine/photo/raster.ts';
import type { NetworkSession, OpenSession } from '../../electron/engine/run/session.ts';
import { serveEngine } from '../../electron/service/engine-server.ts';
import { type Port, portPair } from '../../electron/service/port.ts';

export interface FakeEngineOptions {
  /** How long a tile takes, ms. */
  readonly tileMs?: number | (() => number);
  /** How long opening a session takes, ms. */
  readonly openMs?: number;
  /** What a run waits for before it ends, by its number (from 1), e.g. `heldRun`. */
  readonly hold?: (run: number) => Promise<void> | undefined;
  /** What a run does instead of succeeding, by its number (from 1); undefined: it succeeds. `crash` ends the process. */
  readonly fault?: (run: number) => 'device-memory' | 'device-lost' | 'crash' | undefined;
  /** Whether the process ends instead of opening a session, by the number of that session (from 1). */
  readonly diesOpening?: (session: number) => boolean;
  /** What it says it is. */
  readonly device?: 'cpu' | 'cuda';
  /** Whether the driver of `device` is gone. */
  readonly driverGone?: () => boolean;
}

export interface FakeEngine {
  /** For `ServiceOptions.launchEngine`. */
  readonly launch: () => Port;
  /** One entry for each run, in order: blend 0…100, the mean of the tile's middle, so that a test can tell tiles apart, and what ran it. */
  readonly runs: { readonly blend: number; readonly middle: number; readonly device: 'cpu' | 'cuda' }[];
  /** How often a grey tile was run to see how fast it is. */
  readonly probes: () => number;
  /** How often its process was started. */
  readonly launches: () => number;
  /** How often it was told to try the devices anew. */
  readonly forgotten: () => number;
}

/** A run that has begun and ends only when the test lets it; `hold` is for `FakeEngineOptions`. */
export function heldRun(number: number) {
  let begin = () => {};
  let release = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hold = (run: number) => {
    if (run !== number) return undefined;
    begin();
    return released;
  };
  return { hold, begun, release };
}

const HALO = 12;

/**
 * An engine whose results are known without a network: each source pixel as a 4×4 block, raised by blend/25 levels in a
 * checkerboard (so Faithful invents nothing, Crisp 2 levels on average). Behind a port, like the real one.
 */
export function fakeEngine(options: FakeEngineOptions = {}): FakeEngine {
  const { tileMs = 1, openMs = 0, hold, fault, diesOpening, driverGone, device = 'cpu' } = options;
  const runs: { blend: number; middle: number; device: 'cpu' | 'cuda' }[] = [];
  let launched = 0;
  let asked = 0;
  let openings = 0;
  let probes = 0;
  let forgotten = 0;

  const openSession: OpenSession = async (wish): Promise<NetworkSession> => {
    await wait(openMs);
    if (diesOpening?.(++openings)) {
      crash();
      await wait(1e6, undefined, { ref: false });
    }
    const edge = typeof wish.tile === 'number' ? wish.tile : (wish.tile?.width ?? 64);
    const kind = wish.device === 'cpu' ? 'cpu' : device;
    if (kind !== 'cpu' && driverGone?.())
      throw new FourfoldError('device-unavailable', `The fake device ${kind} has no driver.`);
    const tile = { width: edge, height: edge };
    return {
      ...{ device: kind, deviceName: kind === 'cpu' ? 'Fake CPU' : 'Fake GPU', precision: 'fp32', blend: wish.blend },
      ...{ tile, halo: HALO, why: [], close: async () => {} },
      async enhance(padded) {
        const blend = Math.round(wish.blend * 100);
        await wait(typeof tileMs === 'number' ? tileMs : tileMs());
        // The desk's probe is grey and no photo's tile.
        const probe = padded.data.every((sample) => sample === 128);
        if (probe) probes++;
        else {
          const run = ++asked;
          await hold?.(run);
          const problem = fault?.(run);
          if (problem === 'crash') {
            crash();
            await wait(1e6, undefined, { ref: false });
          } else if (problem) throw new FourfoldError(problem, `The fake device says ${problem}.`);
          runs.push({ blend, middle: middle(padded), device: kind });
        }
        return blocks(padded, tile.width, tile.height, blend);
      },
    };
  };

  let crash = () => {};
  return {
    runs,
    probes: () => probes,
    launches: () => launched,
    forgotten: () => forgotten,
    launch: () => {
      launched++;
      const [mine, theirs] = portPair();
      crash = () => theirs.close();
      serveEngine(theirs, {
        loadModels: async () => ({}) as ModelPair,
        openSession,
        listDevices: async () => [],
        forgetDevices: async () => {
          forgotten++;
        },
      });
      return mine;
    },
  };
}

function blocks(padded: Raster, width: number, height: number, blend: number): Raster {
  const out = createRaster(width * 4, height * 4, 3, padded.depth);
  const step = (blend / 25) * (padded.depth === 8 ? 1 : 257);
  const most = padded.depth === 8 ? 255 : 65535;
  for (let y = 0; y < out.height; y++)
    for (let x = 0; x < out.width; x++)
      for (let c = 0; c < 3; c++) {
        const from = (((y >> 2) + HALO) * padded.width + (x >> 2) + HALO) * 3 + c;
        const raised = padded.data[from]! + ((x + y) % 2 ? step : 0);
        out.data[(y * out.width + x) * 3 + c] = Math.min(most, raised);
      }
  return out;
}

function middle({ width, height, data }: Raster): number {
  let sum = 0;
  for (let y = height / 2 - 8; y < height / 2 + 8; y++)
    for (let x = width / 2 - 8; x < width / 2 + 8; x++) sum += data[(Math.floor(y) * width + Math.floor(x)) * 3]!;
  return sum / 256;
}
