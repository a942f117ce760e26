import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measuredProcess } from './measured-process.ts';
import { syntheticPhoto } from './synthetic-photo.ts';

/** One photo from the command to the file, in its own process. */
export interface WholePhoto {
  readonly megapixels: number;
  readonly format: string;
  readonly device: string;
  readonly precision: string;
  /** From the start of the command to its end. */
  readonly seconds: number;
  readonly kpxPerSecond: number;
  /** Processor time a thousand source pixels take, everything included, milliseconds. */
  readonly processorMsPerKpx: number;
  /** Seconds by stage, as the engine counted them; `start` is loading programs and models. */
  readonly stages: Readonly<Record<string, number>>;
  readonly peakAnonymousMB: number;
}

export interface AlbumRun {
  readonly photos: number;
  readonly megapixels: number;
  readonly albumSeconds: number;
  /** Single commands really run; fewer than `photos` stand for all of them. */
  readonly singles: number;
  /** As many single commands as the album has photos. */
  readonly singleSeconds: number;
  /** Album over single runs. */
  readonly ratio: number;
  /** What no album can go below: the share of a single command that its network takes, which an album has to run too. */
  readonly leastRatio: number;
}

export interface RunOptions {
  readonly precision: string;
  readonly device: string;
  readonly format?: 'jpg' | 'png' | 'webp' | 'tif';
}

const CLI = fileURLToPath(new URL('../../electron/cli/fourfold.js', import.meta.url));

/** @throws Error when the command fails */
export async function wholePhoto(megapixels: number, options: RunOptions): Promise<WholePhoto> {
  return inFolder(async (folder) => {
    const source = await syntheticPhoto(folder, megapixels, options.format);
    const run = await fourfold([source], options);
    const { result } = done(run.out)[0]!;
    const known = Object.values(result.timings).reduce((sum, seconds) => sum + seconds, 0) - result.timings.total!;
    const { total: _, ...stages } = result.timings;
    return {
      megapixels,
      format: options.format ?? 'jpg',
      device: result.deviceName,
      precision: result.precision,
      seconds: run.seconds,
      kpxPerSecond: (megapixels * 1e3) / run.seconds,
      processorMsPerKpx: run.processorSeconds / megapixels,
      stages: { start: run.seconds - known, ...stages },
      peakAnonymousMB: run.peakAnonymousBytes / 1e6,
    };
  });
}

/**
 * An album of `photos` equal photos against as many single commands. Only `singles` of them are run, half before the album
 * and half after, so that a machine that changes meanwhile changes both.
 */
export async function albumRun(
  photos: number,
  megapixels: number,
  singles: number,
  options: RunOptions,
): Promise<AlbumRun> {
  return inFolder(async (folder) => {
    const source = await syntheticPhoto(folder, megapixels, options.format);
    const { copyFile, mkdir } = await import('node:fs/promises');
    const album = join(folder, 'album');
    await mkdir(album);
    const names = Array.from({ length: photos }, (_, i) => join(album, `photo-${i}.${options.format ?? 'jpg'}`));
    for (const name of names) await copyFile(source, name);
    let seconds = 0;
    let network = 0;
    const single = async (name: string) => {
      const run = await fourfold([name, '--output', join(folder, 'single/')], options);
      seconds += run.seconds;
      network += done(run.out)[0]!.result.timings.network!;
    };
    const half = Math.ceil(singles / 2);
    for (const name of names.slice(0, half)) await single(name);
    const { seconds: albumSeconds } = await fourfold([album, '--output', join(folder, 'large')], options);
    for (const name of names.slice(half, singles)) await single(name);
    const singleSeconds = (seconds / singles) * photos;
    const ratio = albumSeconds / singleSeconds;
    return { photos, megapixels, albumSeconds, singles, singleSeconds, ratio, leastRatio: network / seconds };
  });
}

async function fourfold(args: readonly string[], { device, precision }: RunOptions) {
  const run = await measuredProcess(process.execPath, [
    CLI,
    ...args,
    '--json',
    '--device',
    device,
    '--precision',
    precision,
  ]);
  if (run.code !== 0) throw new Error(`The command ended with ${run.code}: ${run.err}${run.out.slice(-1000)}`);
  return run;
}

interface DoneEvent {
  readonly event: string;
  readonly result: { timings: Record<string, number>; deviceName: string; precision: string };
}

function done(out: string): DoneEvent[] {
  return out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DoneEvent)
    .filter(({ event }) => event === 'done');
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(process.env.FOURFOLD_BENCH ?? tmpdir(), 'fourfold-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
