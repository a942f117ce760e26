import { stat } from 'node:fs/promises';
import type { EnhanceEvent, EnhanceOptions, EnhanceResult, Stage } from './enhance-options.ts';
import { hashFile } from './file-hash.ts';
import { type Encoded, encodePicture } from './output/encode.ts';
import { placeFile } from './output/place.ts';
import { createUnfinished, type UnfinishedPicture } from './output/unfinished.ts';
import { checkRoom, type OutputPlan, planOutput } from './output-plan.ts';
import { Pace } from './pace.ts';
import { atDepth } from './photo/channel-views.ts';
import { type DecodedPhoto, decodePhoto, inspectPhoto } from './photo/decode.ts';
import type { Note, PhotoInfo } from './photo/photo.ts';
import type { Depth, Raster, Region } from './photo/raster.ts';
import type { NetworkPool, NetworkWish } from './run/network-pool.ts';
import type { NetworkSession } from './run/session.ts';
import { planTiles, sizeOf } from './run/tile-plan.ts';
import { enlargeRegion, runDepth } from './run/tile-run.ts';
import { HALO } from './run/tile-runtime.ts';
import { verifyFile } from './run/verify.ts';
import { fourfoldVersion } from './version.ts';

export interface PhotoWorkOptions extends EnhanceOptions {
  readonly network: NetworkPool;
  readonly scratchDir: string;
}

/**
 * One photo's way through the house, in three stages, so that an album can decode the next and encode the last while the
 * network is busy: `prepare` (decode), `enlarge` (the network), `finish` (encode, verify, final name). `discard` frees
 * what is left at any point, and is due after a failure.
 */
export class EngineWork {
  /** Set when there is nothing (more) to do: the result exists and is to be kept. */
  ended: EnhanceResult | undefined;
  stage: 'prepare' | 'network' | 'finish' = 'prepare';
  readonly #source: string;
  readonly #options: PhotoWorkOptions;
  readonly #tell: (event: EnhanceEvent) => void;
  readonly #seconds: Record<Stage | 'session', number> = {
    decode: 0,
    session: 0,
    network: 0,
    encode: 0,
    verify: 0,
    place: 0,
  };
  readonly #notes: Note[] = [];
  #plan: OutputPlan | undefined;
  #photo: DecodedPhoto | undefined;
  #unfinished: UnfinishedPicture | undefined;
  #session: NetworkSession | undefined;
  #rate = 0;

  /** Where the result goes; known once `prepare` has begun to decode. */
  get target(): string | undefined {
    return this.#plan?.target;
  }

  constructor(source: string, options: PhotoWorkOptions, onEvent: (event: EnhanceEvent) => void = () => {}) {
    this.#source = source;
    this.#options = options;
    this.#tell = onEvent;
  }

  /** Looks at the photo, settles what will be written, checks that it can be, and decodes. */
  async prepare(): Promise<void> {
    const options = this.#options;
    options.signal?.throwIfAborted();
    await this.#timed('decode', async () => {
      const decoding = {
        scratchDir: options.scratchDir,
        ...(options.pixelLimit !== undefined && { pixelLimit: options.pixelLimit }),
        ...(options.signal && { signal: options.signal }),
      };
      const info = await inspectPhoto(this.#source, decoding);
      const plan = planOutput(info, options);
      this.#plan = plan;
      if ((await checkRoom(plan, info, options, options.scratchDir)) === 'skip') {
        this.ended = await this.#skipped(plan, info);
        this.#tell({ kind: 'done', result: this.ended });
        return;
      }
      this.#photo = await decodePhoto(this.#source, decoding);
      this.#tell({ kind: 'decoded', info: this.#photo.info });
      for (const note of this.#photo.info.notes) this.#note(note);
    });
  }

  /** Runs the network over the whole photo, into the unfinished picture. Stops between two tiles. */
  async enlarge(): Promise<void> {
    const { blend, signal, tileCache, turn } = this.#options;
    const { pixels } = this.#photo!;
    const plan = this.#plan!;
    this.stage = 'network';
    const depth = runDepth(pixels.depth, plan.depth);
    const wish = this.#wish(depth);
    this.#tell({ kind: 'stage', stage: 'network' });
    const { width, height, channels } = pixels;
    // A grid that is given may be covered by kept tiles: then no device is waited for, and none is needed.
    const grid = tileCache && wish.tile !== undefined ? sizeOf(wish.tile) : (await this.#open(wish)).tile;
    const picture = await createUnfinished(this.#options.scratchDir, width * 4, height * 4, channels, plan.depth);
    this.#unfinished = picture;
    const { tiles } = planTiles(width, height, grid, HALO);
    const pace = new Pace(width * height);
    const before = this.#seconds.session;
    const from = performance.now();
    let made = 0;
    for (const { core, index } of tiles) {
      await turn?.();
      signal?.throwIfAborted();
      const kept = await tileCache?.get({ core, blend, depth });
      if (!kept && !this.#session) await this.#open(wish);
      const started = performance.now();
      const raster = kept ?? (await this.#make(core, wish, depth));
      picture.write(atDepth(raster, plan.depth), core.x * 4, core.y * 4);
      const area = core.width * core.height;
      if (!kept) made += area;
      pace.add(area, kept ? undefined : (performance.now() - started) / 1000);
      const { pixelsPerSecond, secondsLeft } = pace;
      this.#tell({ kind: 'tile', done: index + 1, total: tiles.length, pixelsPerSecond, secondsLeft });
    }
    const seconds = (performance.now() - from) / 1000 - (this.#seconds.session - before);
    this.#seconds.network += seconds;
    this.#rate = seconds > 0 ? made / seconds : 0;
    // The decoded source is not needed any more; its scratch file may be large.
    await pixels.close().catch(() => {});
  }

  /** Encodes, checks the file and gives it its name. */
  async finish(): Promise<EnhanceResult> {
    this.stage = 'finish';
    const plan = this.#plan!;
    const options = this.#options;
    let result: EnhanceResult | undefined;
    const from = performance.now();
    const source = this.#source;
    const placed = await placeFile({
      target: plan.target,
      ifExists: options.isTaken?.(plan.target) ? 'rename' : (options.ifExists ?? 'rename'),
      get sources() {
        return [source, ...(options.sources ?? [])];
      },
      ...(options.signal && { signal: options.signal }),
      write: async (temp) => {
        const { bytes, notes } = await this.#timed('encode', () => this.#encode(temp));
        for (const note of notes) this.#note(note);
        await this.#timed('verify', () => verifyFile(temp, plan.size));
        result = this.#result(plan.target, 'written', bytes);
        if (options.placing)
          options.placing({ target: plan.target, bytes, sha256: await hashFile(temp), result: result! });
        this.#tell({ kind: 'stage', stage: 'place' });
      },
    });
    const { encode, verify } = this.#seconds;
    this.#seconds.place += Math.max(0, (performance.now() - from) / 1000 - encode - verify);
    await this.discard();
    result =
      placed.outcome === 'written' && result
        ? this.#result(placed.path, 'written', result.bytes)
        : await this.#skipped(plan, this.#photo!.info);
    this.#tell({ kind: 'done', result });
    return result;
  }

  /** Never fails: what cannot be taken away goes with the scratch folder, and must not spoil a finished file. */
  async discard(): Promise<void> {
    const unfinished = this.#unfinished;
    this.#unfinished = undefined;
    await Promise.allSettled([this.#photo?.close(), unfinished?.discard()]);
  }

  async #encode(temp: string): Promise<Encoded> {
    const plan = this.#plan!;
    const options = this.#options;
    const photo = this.#photo!;
    await this.#unfinished!.finish();
    return encodePicture(this.#unfinished!, photo, temp, {
      format: plan.format,
      quality: plan.quality,
      depth: plan.depth,
      size: plan.size,
      metadata: options.metadata ?? 'keep',
      ...(options.provenance !== false && {
        provenance: {
          software: `Fourfold ${fourfoldVersion()}`,
          model: `SRResNet/SRGAN ${options.models.id}`,
          blend: options.blend,
        },
      }),
      ...(options.signal && { signal: options.signal }),
    });
  }

  async #open(wish: NetworkWish): Promise<NetworkSession> {
    const { session } = await this.#timed('session', () => this.#options.network.runner(wish), true);
    this.#uses(session);
    return session;
  }

  async #make(core: Region, wish: NetworkWish, depth: Depth): Promise<Raster> {
    const { tileCache, network, blend } = this.#options;
    // Asked for every tile: the viewer may have taken the device for another blend in between.
    const runner = await network.runner(wish);
    const raster = await enlargeRegion(this.#photo!.pixels, core, runner, depth);
    if (runner.session !== this.#session) this.#uses(runner.session, runner.lastFault);
    tileCache?.put({ core, blend, depth }, raster);
    return raster;
  }

  #wish(depth: Depth): NetworkWish {
    const { blend, device = 'auto', precision = 'auto', tile, threads } = this.#options;
    const { width, height } = this.#photo!.pixels;
    return {
      blend,
      device,
      precision,
      io: depth === 8 ? 'u8' : 'f32',
      picture: { width, height },
      ...(tile !== undefined && { tile }),
      ...(threads !== undefined && { threads }),
    };
  }

  #uses(session: NetworkSession, after?: EnhanceFault): void {
    this.#session = session;
    const { device, deviceName, precision, why } = session;
    this.#tell({ kind: 'session', device, deviceName, precision, why, ...(after && { after }) });
  }

  #note(note: Note): void {
    this.#notes.push(note);
    this.#tell({ kind: 'note', note });
  }

  async #timed<T>(stage: Stage | 'session', work: () => Promise<T>, quiet = false): Promise<T> {
    if (!quiet) this.#tell({ kind: 'stage', stage: stage as Stage });
    const from = performance.now();
    try {
      return await work();
    } finally {
      this.#seconds[stage] += (performance.now() - from) / 1000;
    }
  }

  async #skipped(plan: OutputPlan, info: PhotoInfo): Promise<EnhanceResult> {
    const bytes = await stat(plan.target).then(
      ({ size }) => size,
      () => 0,
    );
    return { ...this.#result(plan.target, 'skipped', bytes), sourcePixels: info.width * info.height };
  }

  #result(path: string, outcome: 'written' | 'skipped', bytes: number): EnhanceResult {
    const plan = this.#plan!;
    const info = this.#photo?.info;
    const parts = this.#seconds;
    const total = Object.values(parts).reduce((sum, seconds) => sum + seconds, 0);
    return {
      source: this.#source,
      path,
      outcome,
      bytes,
      format: plan.format,
      ...plan.size,
      sourcePixels: info ? info.width * info.height : 0,
      device: this.#session?.device ?? 'none',
      deviceName: this.#session?.deviceName ?? '',
      precision: this.#session?.precision ?? 'none',
      blend: this.#options.blend,
      notes: [...this.#notes],
      timings: { ...parts, total },
      pixelsPerSecond: this.#rate,
    };
  }
}

type EnhanceFault = NonNullable<Extract<EnhanceEvent, { kind: 'session' }>['after']>;
