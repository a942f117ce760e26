import type { DeviceState, PrecisionChoice, Settings } from '../contract.ts';
import { FourfoldError, type PlainError, toPlainError } from '../engine/errors.ts';
import type { ModelPair } from '../engine/network/model.ts';
import { createRaster } from '../engine/photo/raster.ts';
import type { Fault } from '../engine/run/network-runner.ts';
import type { NetworkSession } from '../engine/run/session.ts';
import type { EngineClient } from './engine-client.ts';
import type { SessionFacts } from './engine-server.ts';
import { RANK } from './lane.ts';
import { VIEW_TILE } from './opened-photos.ts';

export interface DeviceDeskOptions {
  readonly engine: EngineClient;
  readonly models: ModelPair;
  readonly settings: () => Settings;
  readonly onChange: (state: DeviceState) => void;
}

/** Weight of the newest run in the rate. */
const NEWEST = 0.25;

/** The rate is told again when it moved this much. */
const WORTH_TELLING = 0.1;

const BEGINNING: DeviceState = {
  ...{ state: 'measuring', kind: 'cpu', name: 'CPU', precision: 'fp32' },
  ...{ rate: null, memoryBytes: null, why: '', devices: [] },
};

/** Which device really works, and how fast: measured, never looked up. */
export class DeviceDesk {
  readonly #options: DeviceDeskOptions;
  #state: DeviceState = BEGINNING;
  #told = 0;
  #ready: Promise<void> | undefined;

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

  /**
   * What kept tiles are kept under, besides models and blend. A fall-back in the middle of the work does not change it:
   * finished tiles stay good.
   */
  signature = '';

  /** A device is chosen and warm. Never rejects; a failure is in the state. */
  get ready(): Promise<void> {
    this.#ready ??= this.#measure();
    return this.#ready;
  }

  /** Starts over, after another choice of device or precision. */
  async restart(): Promise<DeviceState> {
    await this.#options.engine.forget().catch(() => {});
    this.#set({ ...BEGINNING, devices: this.#state.devices });
    this.#ready = this.#measure();
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
    if (rate === null || device !== kind || precision !== own) return;
    const next = rate * (1 - NEWEST) + (corePixels / seconds) * NEWEST;
    this.#state = { ...this.#state, rate: next };
    if (Math.abs(next - this.#told) > WORTH_TELLING * this.#told) this.#set(this.#state);
  }

  /** A session was opened in the place of one that failed: texts 18 and 19 of ux.md. */
  replaced(session: NetworkSession, after: Fault | undefined): void {
    if (!after) return;
    const { device: kind, deviceName: name, precision, why } = session;
    const { rate: before, devices, memoryBytes, kind: old } = this.#state;
    const rate = kind === old ? before : null;
    this.#set({ state: 'warning', kind, name, precision, why, rate, devices, memoryBytes, error: faultWords(after) });
    if (rate === null) void this.#measureAgain();
  }

  async #measure(): Promise<void> {
    const { device, precision } = this.#options.settings();
    try {
      this.#set(await this.#probe(device, precision));
    } catch (error) {
      this.#set({ ...this.#state, ...failed(error) });
    }
    this.signature = `${this.#state.kind}-${this.#state.precision}`;
    // The list may take seconds (each device is tried in a process of its own) and nothing waits for it.
    const found = await this.#options.engine.devices().catch(() => []);
    const devices = found.map(({ note = '', ...device }) => ({ ...device, note }));
    if (devices.length > 0) this.#set({ ...this.#state, devices });
  }

  async #measureAgain(): Promise<void> {
    const { kind, precision } = this.#state;
    const probed = await this.#probe(kind, precision).catch(() => undefined);
    if (probed && this.#state.kind === kind) this.#set({ ...this.#state, rate: probed.rate });
  }

  /** Opens the session the viewer will want first and runs a tile of grey through it. */
  async #probe(device: Settings['device'], precision: PrecisionChoice): Promise<DeviceState> {
    const { engine, models, settings } = this.#options;
    const open = engine.opener(RANK.view, true);
    const blend = settings().albumBlend / 100;
    const session = await open({ models, blend, device, precision, tile: VIEW_TILE, io: 'u8' });
    const { width, height } = session.tile;
    const grey = createRaster(width + 2 * session.halo, height + 2 * session.halo, 3, 8);
    grey.data.fill(128);
    // The first run of a graphics device compiles its programs and says nothing about the rate.
    if (session.device !== 'cpu') await session.enhance(grey);
    const started = performance.now();
    await session.enhance(grey);
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

function failed(error: unknown): Pick<DeviceState, 'state' | 'error' | 'why'> {
  const plain = toPlainError(error);
  return { state: 'warning', error: plain, why: plain.sentence };
}

function faultWords(fault: Fault): PlainError {
  const sentence = {
    'device-memory':
      'The graphics memory ran out. Finished tiles are kept. Fourfold continues with smaller tiles; nothing to do.',
    'device-lost': 'The graphics device stopped. Finished tiles are kept. Continue on CPU (slower) or Retry.',
    'result-wrong': 'The result looked wrong (black or shifted). It was not saved. Retry on CPU.',
  }[fault];
  return new FourfoldError(fault, sentence).toPlain();
}
