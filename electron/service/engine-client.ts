import type { DeviceInfo } from '../engine/device/device.ts';
import { FourfoldError, fromPlain, isCode } from '../engine/errors.ts';
import type { Raster } from '../engine/photo/raster.ts';
import type { NetworkSession, OpenSession, SessionOptions } from '../engine/run/session.ts';
import type {
  EngineCalls,
  EngineMethod,
  EngineReply,
  EngineRequest,
  SessionFacts,
  SessionWish,
} from './engine-server.ts';
import { engineStopped, engineUnavailable } from './engine-stopped.ts';
import type { Lane, Rank } from './lane.ts';
import type { Port } from './port.ts';

export interface EngineClientOptions {
  /** Starts the engine's process; called again after a crash. */
  readonly launch: () => Port | Promise<Port>;
  readonly lane: Lane;
  /** After every run: source pixels of the whole padded tile's core, and seconds it took. */
  readonly onRun?: (facts: SessionFacts, corePixels: number, seconds: number) => void;
  readonly onCrash?: () => void;
}

/** Sessions kept open at once. Two WebGPU sessions in one process crash it, so anything but the CPU gets one. */
const KEPT_ON_CPU = 4;
const KEPT_ELSEWHERE = 1;

/** A crash takes one run, or one opening, with it, which is made again this often before it is told. */
const CRASHES_FORGIVEN = 1;

/** The engine's process, as the rest of the service sees it: a way to open sessions whose runs wait for their turn. */
export class EngineClient {
  readonly #options: EngineClientOptions;
  readonly #open = new Map<string, SessionFacts>();
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #port: Promise<Port> | undefined;
  #next = 1;
  #closed = false;

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  /**
   * An `openSession` whose runs are made in the engine's process, in the order of `rank`.
   * @param exact takes the tile as it is asked for, whatever the picture's size, so that an export's grid is the viewer's
   */
  opener(rank: Rank, exact = false): OpenSession {
    return async (options) => {
      const { picture: _, ...plain } = options;
      const asked = exact ? plain : options;
      const wish = wishOf(asked);
      const facts = await this.#options.lane.run(rank, () => this.#ensure(wish));
      return this.#session(facts, asked, rank);
    };
  }

  devices(): Promise<DeviceInfo[]> {
    return this.#call('devices', null);
  }

  /** Devices are tried anew by the next session ("Test"). */
  async forgetDevices(): Promise<void> {
    await this.#call('forget', null);
  }

  /** Closes every idle session, so that the next one is opened afresh (another device chosen, a probe wanted). */
  forget(): Promise<void> {
    return this.#options.lane.run(0, async () => {
      for (const [key, { session }] of [...this.#open]) {
        this.#open.delete(key);
        await this.#call('close', { session });
      }
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    (await this.#port?.catch(() => undefined))?.close();
  }

  #session(first: SessionFacts, options: SessionOptions, rank: Rank): NetworkSession {
    const wish = wishOf(options);
    let crashes = 0;
    const run = async (padded: Raster): Promise<Raster> => {
      for (;;) {
        try {
          const facts = await this.#ensure(wish);
          const started = performance.now();
          const result = await this.#call('enhance', { session: facts.session, padded });
          const { width, height } = facts.tile;
          this.#options.onRun?.(facts, width * height, (performance.now() - started) / 1000);
          crashes = 0;
          return result;
        } catch (error) {
          if (isCode(error, 'engine-unavailable') && first.device !== 'cpu') throw lost(first, error);
          if (!isCode(error, 'engine-stopped')) throw error;
          // A driver that takes the process with it is a lost device: the runner then goes on to the CPU.
          if (crashes++ >= CRASHES_FORGIVEN) throw first.device === 'cpu' ? error : lost(first, error);
        }
      }
    };
    const { device, deviceName, precision, tile, halo, why } = first;
    return {
      ...{ device, deviceName, precision, tile, halo, why, blend: options.blend },
      enhance: (padded) => this.#options.lane.run(rank, () => run(padded)),
      // Others may be using it, and the next photo will want it: sessions are closed when room is needed.
      close: async () => {},
    };
  }

  /** The session for a wish, opened again when it was closed for another or lost in a crash. */
  async #ensure(wish: SessionWish): Promise<SessionFacts> {
    const key = JSON.stringify(wish);
    const known = this.#open.get(key);
    if (known) {
      this.#open.delete(key);
      this.#open.set(key, known);
      return known;
    }
    const room = (kept: number) => this.#makeRoom(kept - 1);
    await room([...this.#open.values()].every((facts) => facts.device === 'cpu') ? KEPT_ON_CPU : KEPT_ELSEWHERE);
    const facts = await this.#openFor(wish);
    this.#open.set(key, facts);
    return facts;
  }

  /** A driver that ends the process while it is tried is remembered over there, and not tried the second time. */
  async #openFor(wish: SessionWish): Promise<SessionFacts> {
    for (let crashes = 0; ; )
      try {
        return await this.#call('open', wish);
      } catch (error) {
        if (this.#closed || !isCode(error, 'engine-stopped')) throw error;
        if (crashes++ >= CRASHES_FORGIVEN) throw engineUnavailable(error);
      }
  }

  async #makeRoom(left: number): Promise<void> {
    for (const [key, { session }] of [...this.#open]) {
      if (this.#open.size <= left) return;
      this.#open.delete(key);
      await this.#call('close', { session });
    }
  }

  async #call<M extends EngineMethod>(method: M, params: EngineCalls[M]['params']): Promise<EngineCalls[M]['result']> {
    if (this.#closed) throw engineStopped();
    this.#port ??= this.#launch();
    const launched = this.#port;
    const port = await launched;
    // It may have died before anybody asked it anything.
    if (this.#port !== launched) throw engineStopped();
    return new Promise((resolve, reject) => {
      const key = this.#next++;
      this.#waiting.set(key, { resolve: resolve as (value: unknown) => void, reject });
      port.post({ key, method, params } satisfies EngineRequest);
    });
  }

  async #launch(): Promise<Port> {
    const port = await this.#options.launch();
    port.onMessage((incoming) => {
      const { key, result, error } = incoming as EngineReply;
      const waiter = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (error) waiter?.reject(fromPlain(error));
      else waiter?.resolve(result);
    });
    port.onClose(() => {
      this.#port = undefined;
      this.#open.clear();
      const waiters = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const { reject } of waiters) reject(engineStopped());
      if (!this.#closed) this.#options.onCrash?.();
    });
    return port;
  }
}

function wishOf({ blend, device, precision, tile, picture, threads, io }: SessionOptions): SessionWish {
  return {
    ...{ blend, device, precision, io },
    ...(tile !== undefined && { tile }),
    ...(picture !== undefined && { picture: { width: picture.width, height: picture.height } }),
    ...(threads !== undefined && { threads }),
  };
}

function lost(facts: SessionFacts, cause: Error): FourfoldError {
  return new FourfoldError(
    'device-lost',
    'The graphics device stopped. Finished tiles are kept. Continue on CPU (slower) or Retry.',
    { params: { device: facts.deviceName }, cause },
  );
}
