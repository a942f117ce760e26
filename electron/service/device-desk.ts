import type { DeviceState, PrecisionChoice, Settings } from '../contract.ts';
import { type ErrorParams, FourfoldError, type PlainError, toPlainError } from '../engine/errors.ts';
import type { ModelPair } from '../engine/network/model.ts';
import { createRaster, type Raster } from '../engine/photo/raster.ts';
import type { Fault } from '../engine/run/network-runner.ts';
import type { NetworkSession } from '../engine/run/session.ts';
import type { EngineClient } from './engine-client.ts';
import type { SessionFacts } from './engine-server.ts';
import { RANK, type Rank } from './lane.ts';
import { VIEW_TILE } from './opened-photos.ts';

export interface DeviceDeskOptions {
  readonly engine: EngineClient;
  readonly models: ModelPair;
  readonly settings: () => Settings;
  readonly onChange: (state: DeviceState) => void;
}

/** Weight of the newest run in the rate. */
const NEWEST = 0.25;

/**
 * A photo opened right at the start brings a view this soon: its first tile then says how fast the device is, instead of
 * waiting for a grey one (0.2 s on two cores) that says the same.
 */
const FOR_A_VIEW_MS = 250;

/** The rate is told again when it moved this much. */
const WORTH_TELLING = 0.1;

const BEGINNING: DeviceState = {
  ...{ state: 'measuring', kind: 'cpu', name: 'CPU', precision: 'fp32' },
  ...{ rate: null, memoryBytes: null, why: [], devices: [] },
};

type DeviceWish = Pick<Settings, 'device' | 'precision'>;

/** Which device really works, and how fast: measured, never looked up. */
export class DeviceDesk {
  readonly #options: DeviceDeskOptions;
  #state: DeviceState = BEGINNING;
  #told = 0;
  #chosen: Promise<NetworkSession | undefined> | undefined;
  #ready: Promise<void> | undefined;
  /** Whether a run from here on says how fast the device is: a graphics device compiles its programs in the first. */
  #telling = false;
  /** Called with the first run that tells. */
  #rated = () => {};
  /** What a fall-back began with: the state has what took over. */
  #first: ErrorParams = {};
  /** What took over for good, until somebody chooses. */
  #fallback: DeviceWish | undefined;

  constructor(options: DeviceDeskOptions) {
    this.#options = options;
  }

  get state(): DeviceState {
    return this.#state;
  }

  /** Source px a second, or null before the first run. */
  get rate(): number | null {
    return this.#state.rate;
  }

  /** What new sessions are opened with: the choice, or after a fall-back what took over, which the chip names. */
  get wish(): DeviceWish {
    const { device, precision } = this.#options.settings();
    return this.#fallback ?? { device, precision };
  }

  /**
   * What kept tiles are kept under, besides models and blend. A fall-back in the middle of the work does not change it:
   * finished tiles stay good.
   */
  signature = '';

  /** A device is chosen and its session open: tiles can be made, and kept under `signature`. Never rejects. */
  get chosen(): Promise<void> {
    this.#chosen ??= this.#choose();
    return this.#chosen.then(() => {});
  }

  /** And its rate is known. Never rejects; a failure is in the state. */
  get ready(): Promise<void> {
    this.#chosen ??= this.#choose();
    this.#ready ??= this.#measure(this.#chosen);
    return this.#ready;
  }

  /**
   * Starts over, after another choice of device or precision, or the same one again: what failed before is then tried
   * anew, since a driver may be back.
   */
  async restart(): Promise<DeviceState> {
    if (this.#state.error) await this.#options.engine.forgetDevices().catch(() => {});
    await this.#options.engine.forget().catch(() => {});
    this.#telling = false;
    this.#fallback = undefined;
    this.#set({ ...BEGINNING, devices: this.#state.devices });
    this.#chosen = this.#choose();
    this.#ready = this.#measure(this.#chosen);
    await this.#ready;
    return this.#state;
  }

  /** A probe run on a device, whatever is chosen now. */
  async test(device: Settings['device'], precision: Settings['precision']): Promise<DeviceState> {
    try {
      await this.#options.engine.forgetDevices();
      return { ...(await this.#probe(device, precision)), devices: this.#state.devices };
    } catch (error) {
      return { ...this.#state, ...failed(error) };
    }
  }

  /** Every run of the engine says how fast the device is. */
  ran({ device, precision }: SessionFacts, corePixels: number, seconds: number): void {
    const { kind, precision: own, rate } = this.#state;
    if (!this.#telling || device !== kind || precision !== own) return;
    if (rate === null) {
      const state = this.#state.state === 'measuring' ? 'ready' : this.#state.state;
      this.#set({ ...this.#state, state, rate: corePixels / seconds });
      this.#rated();
      return;
    }
    const next = rate * (1 - NEWEST) + (corePixels / seconds) * NEWEST;
    this.#state = { ...this.#state, rate: next };
    if (Math.abs(next - this.#told) > WORTH_TELLING * this.#told) this.#set(this.#state);
  }

  /** A session was opened in the place of one that failed. */
  replaced(
    session: Pick<NetworkSession, 'device' | 'deviceName' | 'precision' | 'why'>,
    after: Fault | undefined,
  ): void {
    if (!after) return;
    const { device: kind, deviceName: name, precision, why } = session;
    const { rate: before, devices, memoryBytes, kind: old } = this.#state;
    const rate = kind === old ? before : null;
    const error = faultWords(after, this.#first);
    if (kind !== this.#first.kind) this.#fallback = { device: kind, precision };
    this.#set({ state: 'warning', kind, name, precision, why, rate, devices, memoryBytes, error });
    if (rate === null) void this.#measureAgain();
  }

  async #choose(): Promise<NetworkSession | undefined> {
    const { device, precision } = this.#options.settings();
    let session: NetworkSession | undefined;
    try {
      session = await this.#open(device, precision, RANK.view);
      if (session.device !== 'cpu') await session.enhance(grey(session));
      const { device: kind, deviceName: name, precision: real, why } = session;
      this.#telling = true;
      this.#first = { device: name, kind };
      this.#set({ ...this.#state, kind, name, precision: real, why });
    } catch (error) {
      session = undefined;
      this.#set({ ...this.#state, ...failed(error) });
    }
    this.signature = `${this.#state.kind}-${this.#state.precision}`;
    return session;
  }

  async #measure(chosen: Promise<NetworkSession | undefined>): Promise<void> {
    const rated = new Promise<void>((done) => {
      this.#rated = done;
    });
    if (await chosen) {
      await Promise.race([rated, new Promise((done) => setTimeout(done, FOR_A_VIEW_MS))]);
      if (this.#state.rate === null) await Promise.race([rated, this.#runGrey()]);
    }
    void this.#list();
  }

  /** A run nobody waits for, behind everything else; the engine tells `ran` of it. */
  async #runGrey(): Promise<void> {
    const { device, precision } = this.#options.settings();
    try {
      const session = await this.#open(device, precision, RANK.batch);
      if (this.#state.rate === null) await session.enhance(grey(session));
    } catch (error) {
      this.#set({ ...this.#state, ...failed(error) });
    }
  }

  /** The list may take seconds (each device is tried in a process of its own) and nothing waits for it. */
  async #list(): Promise<void> {
    const found = await this.#options.engine.devices().catch(() => []);
    const devices = found.map(({ note = null, ...device }) => ({ ...device, note }));
    if (devices.length > 0) this.#set({ ...this.#state, devices });
  }

  async #measureAgain(): Promise<void> {
    const { kind, precision } = this.#state;
    const probed = await this.#probe(kind, precision).catch(() => undefined);
    if (probed && this.#state.kind === kind) this.#set({ ...this.#state, rate: probed.rate });
  }

  /** The session the viewer will want first. */
  #open(device: Settings['device'], precision: PrecisionChoice, rank: Rank): Promise<NetworkSession> {
    const { engine, models, settings } = this.#options;
    const blend = settings().albumBlend / 100;
    return engine.opener(rank, true)({ models, blend, device, precision, tile: VIEW_TILE, io: 'u8' });
  }

  /** Runs a tile of grey on a device, whatever is chosen now. */
  async #probe(device: Settings['device'], precision: PrecisionChoice): Promise<DeviceState> {
    const session = await this.#open(device, precision, RANK.view);
    const { width, height } = session.tile;
    if (session.device !== 'cpu') await session.enhance(grey(session));
    const started = performance.now();
    await session.enhance(grey(session));
    const rate = (width * height * 1000) / (performance.now() - started);
    const { device: kind, deviceName: name, precision: real, why } = session;
    return { state: 'ready', kind, name, precision: real, rate, memoryBytes: null, why, devices: this.#state.devices };
  }

  #set(state: DeviceState): void {
    this.#state = state;
    this.#told = state.rate ?? 0;
    this.#options.onChange(state);
  }
}

function grey({ tile, halo }: NetworkSession): Raster {
  const raster = createRaster(tile.width + 2 * halo, tile.height + 2 * halo, 3, 8);
  raster.data.fill(128);
  return raster;
}

function failed(error: unknown): Pick<DeviceState, 'state' | 'error' | 'why'> {
  return { state: 'warning', error: toPlainError(error), why: [] };
}

function faultWords(fault: Fault, params: ErrorParams): PlainError {
  const sentence = {
    'device-memory':
      'The graphics memory ran out. Finished tiles are kept. Fourfold continues with smaller tiles; nothing to do.',
    'device-lost': 'The graphics device stopped. Finished tiles are kept. Continue on CPU (slower) or Retry.',
    'result-wrong': 'The result looked wrong (black or shifted). It was not saved. Retry on CPU.',
  }[fault];
  return new FourfoldError(fault, sentence, { params }).toPlain();
}
