import { FourfoldError, isCode } from '../errors.ts';
import { cropRaster } from '../photo/pixel-source.ts';
import { createRaster, type PixelSource, type Raster, type Region } from '../photo/raster.ts';
import type { DeviceKind, NetworkSession, OpenSession, Precision, SessionOptions } from './session.ts';
import { paddedTile } from './tensor.ts';
import { type Size, sizeOf } from './tile-plan.ts';
import { checkTile } from './verify.ts';

/** What sessions are opened with, one after another. */
export interface RunnerOptions extends SessionOptions {
  /** Another way to open a session, for tests that need one that fails. */
  readonly openSession?: OpenSession;
  /** Told whenever a session is opened, with the reason after a fault. */
  readonly onSession?: (session: NetworkSession, after?: Fault) => void;
}

/** Why a session was given up in the middle of a picture. */
export type Fault = 'device-memory' | 'device-lost' | 'result-wrong';

/** Below this edge a smaller tile frees no memory worth having. */
const SMALLEST_TILE = 32;

/**
 * The network with its safety net: any region of any RGB source, four times larger, whatever happens to the device.
 * Out of memory halves the tile; a lost device is opened again, then left for the CPU; a result that does not look like
 * its source is made again on a smaller tile, then on the CPU, then refused. The pixels do not depend on the way taken.
 */
export class NetworkRunner {
  readonly #options: RunnerOptions;
  #session: NetworkSession;
  #lost = 0;
  #smallerTried = false;
  #lastFault: Fault | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Why no session is left. */
  #ending: { readonly error: unknown } | undefined;

  private constructor(options: RunnerOptions, session: NetworkSession) {
    this.#options = options;
    this.#session = session;
  }

  static async open(options: RunnerOptions): Promise<NetworkRunner> {
    const open = options.openSession ?? openHere;
    let tile = options.tile;
    for (;;) {
      try {
        const session = await open(sessionOptions(options, tile));
        options.onSession?.(session);
        return new NetworkRunner(options, session);
      } catch (error) {
        const smaller = halved(tile ?? 256);
        if (!isCode(error, 'device-memory') || !smaller) throw error;
        tile = smaller;
      }
    }
  }

  /** The session in use now; another one after a fault. */
  get session(): NetworkSession {
    return this.#session;
  }

  /** Why the session before this one was given up; undefined while it is still the first. */
  get lastFault(): Fault | undefined {
    return this.#lastFault;
  }

  /** Every way out failed: no session is left, and another runner has to be opened. */
  get dead(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * The region `core` (source px, inside the picture) four times larger. Calls queue up: a device runs one tile at a time.
   * @param source RGB, 8 bits for a `u8` runner, 16 for `f32`
   * @throws FourfoldError `device-memory`, `device-lost`, `result-wrong` when every way out failed
   */
  enlarge(source: PixelSource, core: Region): Promise<Raster> {
    const result = this.#turn.then(() => this.#enlarge(source, core));
    this.#turn = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#turn;
    // Closed with the last fault; closing a session twice throws.
    if (!this.dead) await this.#session.close();
  }

  async #enlarge(source: PixelSource, core: Region): Promise<Raster> {
    for (;;) {
      if (this.#ending) throw this.#ending.error;
      try {
        return await this.#tiles(source, core);
      } catch (error) {
        const fault = faultOf(error);
        if (!fault) throw error;
        await this.#session.close().catch(() => {});
        try {
          await this.#recover(fault, error as FourfoldError);
        } catch (last) {
          this.#ending = { error: last };
          throw last;
        }
      }
    }
  }

  /** Runs a region of any size as tiles of the session's one shape, and joins them. */
  async #tiles(source: PixelSource, core: Region): Promise<Raster> {
    const { tile } = this.#session;
    if (core.width <= tile.width && core.height <= tile.height) return this.#tile(source, core);
    const whole = createRaster(core.width * 4, core.height * 4, 3, source.depth);
    for (let y = 0; y < core.height; y += tile.height)
      for (let x = 0; x < core.width; x += tile.width) {
        const part = {
          x: core.x + x,
          y: core.y + y,
          width: Math.min(tile.width, core.width - x),
          height: Math.min(tile.height, core.height - y),
        };
        paste(whole, await this.#tile(source, part), x * 4, y * 4);
      }
    return whole;
  }

  async #tile(source: PixelSource, core: Region): Promise<Raster> {
    const { tile, halo } = this.#session;
    const padded = paddedTile(source, {
      x: core.x - halo,
      y: core.y - halo,
      width: tile.width + 2 * halo,
      height: tile.height + 2 * halo,
    });
    const whole = await this.#session.enhance(padded);
    const region = { x: 0, y: 0, width: core.width * 4, height: core.height * 4 };
    const result = core.width === tile.width && core.height === tile.height ? whole : cropRaster(whole, region);
    const verdict = checkTile(source.read(core), result);
    if (verdict !== 'ok')
      throw new FourfoldError(
        'result-wrong',
        'The result looked wrong (black, broken or unlike the photo). It was not saved. Retry on the CPU with --device cpu.',
        { cause: new Error(`${this.#session.deviceName}: ${verdict}`) },
      );
    return result;
  }

  /** Opens the next session on the ladder in place of the closed one, or throws `error` again at its end. */
  async #recover(fault: Fault, error: FourfoldError, at: Way = this.#session): Promise<void> {
    const { device, precision } = at;
    const half = halved(at.tile);
    let next: Way;
    if (fault === 'device-lost') {
      if (device === 'cpu' && this.#lost > 0) throw error;
      // Half precision on a CPU is only casts, so it takes over in full.
      const there = precision === 'int8' ? 'int8' : 'fp32';
      next = this.#lost++ === 0 ? at : { device: 'cpu', precision: there, tile: at.tile };
    } else if (half && (fault === 'device-memory' || !this.#smallerTried)) {
      this.#smallerTried ||= fault === 'result-wrong';
      next = { device, precision, tile: half };
    } else if (device !== 'cpu' || (fault === 'result-wrong' && precision !== 'fp32')) {
      next = { device: 'cpu', precision: 'fp32', tile: at.tile };
    } else throw error;
    const open = this.#options.openSession ?? openHere;
    try {
      this.#session = await open({
        ...sessionOptions(this.#options, next.tile),
        device: next.device,
        precision: next.precision,
      });
    } catch (failure) {
      const again = faultOf(failure) ?? (isCode(failure, 'device-unavailable') ? 'device-lost' : undefined);
      if (!again) throw failure;
      return this.#recover(again, failure as FourfoldError, next);
    }
    this.#lastFault = fault;
    this.#options.onSession?.(this.#session, fault);
  }
}

/** Loads the runtime only where a session is opened in this very process: the app's service has its sessions elsewhere. */
const openHere: OpenSession = async (options) => (await import('./session.ts')).openSession(options);

/** One step of the ladder. */
interface Way {
  readonly device: DeviceKind;
  readonly precision: Precision;
  readonly tile: number | Size;
}

/** Half a tile, in steps of 4 px; undefined when it would be too small to be worth it. */
function halved(tile: number | Size): Size | undefined {
  const { width, height } = sizeOf(tile);
  if (Math.max(width, height) / 2 < SMALLEST_TILE) return undefined;
  const half = (edge: number) => Math.max(4, Math.ceil(edge / 8) * 4);
  return { width: half(width), height: half(height) };
}

function sessionOptions(options: RunnerOptions, tile: number | Size | undefined): Parameters<OpenSession>[0] {
  const { models, blend, device, precision, threads, io, picture } = options;
  return {
    models,
    blend,
    device,
    precision,
    io,
    ...(tile !== undefined && { tile }),
    ...(picture && { picture }),
    ...(threads !== undefined && { threads }),
  };
}

function faultOf(error: unknown): Fault | undefined {
  const code = error instanceof FourfoldError ? error.code : undefined;
  return code === 'device-memory' || code === 'device-lost' || code === 'result-wrong' ? code : undefined;
}

function paste(whole: Raster, part: Raster, x: number, y: number): void {
  const row = part.width * part.channels;
  for (let line = 0; line < part.height; line++)
    whole.data.set(part.data.subarray(line * row, (line + 1) * row), ((y + line) * whole.width + x) * whole.channels);
}
