import { NetworkRunner, type RunnerOptions } from './network-runner.ts';
import type { Size } from './tile-plan.ts';
import { coreFor, twoAtOnce } from './tile-runtime.ts';

/** What a photo asks of the network; the pool adds the models. */
export type NetworkWish = Omit<RunnerOptions, 'models' | 'openSession' | 'onSession'>;

/** Work beyond the picture's edges that is borne before another session is made to measure (half a second). */
const WASTE_BORNE = 1.1;

interface Kept {
  readonly key: string;
  readonly runner: NetworkRunner;
  /** What its first session was made for. */
  readonly picture: Size | undefined;
}

/**
 * Keeps the last session for the next photo: in an album, making one costs more than decoding. One at a time, because two
 * at once compete for the device (and on WebGPU end the process).
 */
export class NetworkPool {
  readonly #given: Pick<RunnerOptions, 'models' | 'openSession'>;
  #kept: Kept | undefined;
  #opening: Promise<unknown> = Promise.resolve();

  constructor(given: Pick<RunnerOptions, 'models' | 'openSession'>) {
    this.#given = given;
  }

  /** A runner for this wish: the kept one where it fits, else a new one in its place. */
  runner(wish: NetworkWish): Promise<NetworkRunner> {
    const result = this.#opening.then(() => this.#runner(wish));
    this.#opening = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#drop();
  }

  async #runner(wish: NetworkWish): Promise<NetworkRunner> {
    const { picture, ...fixed } = wish;
    const key = JSON.stringify(fixed);
    if (this.#kept?.key === key && serves(this.#kept, wish)) return this.#kept.runner;
    await this.#drop();
    const runner = await NetworkRunner.open({ ...this.#given, ...wish });
    this.#kept = { key, runner, picture };
    return runner;
  }

  async #drop(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.runner.close();
  }
}

/** Whether a session made for this picture would not be much better than the kept one. */
function serves({ runner, picture: before }: Kept, { picture, ...fixed }: NetworkWish): boolean {
  if (runner.dead) return false;
  // What came after a fault is there because it works: the one made to measure would fail again.
  if (!picture || runner.lastFault) return true;
  // Made for just this one: where its tile is small, memory was short from the start.
  if (picture.width === before?.width && picture.height === before.height) return true;
  const { tile, halo, device, precision } = runner.session;
  const twice = (size: Size | undefined) => twoAtOnce({ ...fixed, ...(size && { picture: size }) }, device, precision);
  if (twice(picture) && !twice(before)) return false;
  return waste(picture, tile, coreFor({ ...fixed, picture }, device, precision), halo) <= WASTE_BORNE;
}

/** What covering the picture with this tile costs against one made to measure, halo included. */
function waste(picture: Size, tile: Size, measured: Size, halo: number): number {
  const cost = ({ width, height }: Size) =>
    Math.ceil(picture.width / width) * (width + 2 * halo) * Math.ceil(picture.height / height) * (height + 2 * halo);
  return cost(tile) / cost(measured);
}
