import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Album, type AlbumEvent } from '../engine/album/album.ts';
import { readAlbum } from '../engine/album/album-record.ts';
import { engineWork } from '../engine/album/album-work.ts';
import type { EnhanceEvent, PhotoSettings } from '../engine/enhance-options.ts';
import { type PlainError, toPlainError } from '../engine/errors.ts';
import { loadModelPair } from '../engine/network/model.ts';
import { clearOwn } from '../engine/output/place.ts';
import { openScratchFolder } from '../engine/output/scratch-folder.ts';
import { NetworkPool } from '../engine/run/network-pool.ts';
import { type EnhanceArguments, EXIT, STOPPING } from './arguments.ts';
import { type Collection, collectPhotos, type Found } from './collect.ts';
import { journalName, stateFolder } from './journal-file.ts';
import { checkSame, type Output, outputFormatOf, readOutput, wrongUse } from './output.ts';
import { humanReport, jsonReport, type Photo, quietReport, type Report } from './report.ts';

/** `fourfold enhance`: the photos meant by `paths`, one after the other, and the exit code. */
export async function enhance(paths: string[], options: EnhanceArguments): Promise<number> {
  const report = options.json
    ? jsonReport({ out: process.stdout })
    : options.quiet
      ? quietReport({ err: process.stderr })
      : humanReport({ out: process.stdout, err: process.stderr });
  try {
    const output = readOutput(paths, options);
    const found = await collectPhotos(paths, {
      recursive: options.recursive,
      ...(output?.is === 'folder' && { except: output.path }),
    });
    if (output?.is === 'file' && found.photos.length > 1)
      throw wrongUse(`--output names one file but ${found.photos.length} photos were given. Name a folder.`);
    if (output && options.format === 'same') for (const { source } of found.photos) checkSame(output, source);
    if (found.photos.length + found.failures.length === 0)
      throw wrongUse(
        `No photo was found in ${paths.join(', ')}. Nothing was written. Name photos or a folder with photos in it${options.recursive ? '' : ', or add --recursive for the folders below'}.`,
      );
    return await run(found, paths, { ...options, ...(output && { placed: output }) }, report);
  } catch (error) {
    const plain = toPlainError(error);
    if (plain.code === 'wrong-use') {
      process.stderr.write(`${plain.sentence}\n(fourfold --help lists every option)\n`);
      return EXIT.wrongUse;
    }
    report.end({ ...NOTHING }, [plain]);
    if (plain.code === 'unexpected' && process.env.FOURFOLD_DEBUG) console.error(error);
    return EXIT.someFailed;
  }
}

const SAME_PRESS_MS = 500;

const NOTHING = { waiting: 0, running: 0, paused: 0, done: 0, skipped: 0, failed: 0, cancelled: 0, total: 0 };

type Options = EnhanceArguments & { readonly placed?: Output };

async function run(found: Collection, paths: string[], options: Options, report: Report): Promise<number> {
  const models = await loadModelPair();
  const scratch = await openScratchFolder();
  const network = new NetworkPool({ models });
  const lasting = (found.photos.length > 1 || options.resume) && stateFolder(report);
  const journal = join(...(lasting ? [lasting, journalName(paths, options)] : [scratch.path, 'album.jsonl']));
  let album: Album<PhotoSettings, EnhanceEvent> | undefined;
  let stopped = 0;
  const stop = () => {
    // One Ctrl-C may arrive twice: from the terminal, and passed on by npm.
    if (stopped && performance.now() - stopped < SAME_PRESS_MS) return;
    if (stopped) {
      const folders = new Set(album?.photos.flatMap(({ target }) => (target ? [dirname(target)] : [])));
      for (const folder of folders) clearOwn(folder);
      process.exit(EXIT.stopped);
    }
    stopped = performance.now();
    report.notice('Stopping after this tile; a file being written is finished first. (Ctrl-C again stops at once.)');
    void album?.close();
  };
  for (const signal of STOPPING) process.on(signal, stop);
  try {
    if (options.resume && !existsSync(journal))
      report.notice('No earlier run of this command was found: starting fresh.');
    if (!options.resume && leftover(journal))
      report.notice('An earlier run of this command was not finished; --resume would have gone on with it.');
    album = await Album.open<PhotoSettings, EnhanceEvent>({
      journal,
      fresh: !options.resume,
      work: engineWork({ models, network, scratchDir: scratch.path }),
      onEvent: (event) => tell(report, album, event),
    });
    // A Ctrl-C so far found no album to close.
    if (!stopped) {
      const done = fill(album, found, options);
      if (found.results > 0)
        report.notice(`${found.results} file(s) left out: results of an earlier run, beside their sources.`);
      report.begin(album.counts.total, done);
      await Promise.race([album.start(), album.halted()]);
    }
    const { photos, counts, pausedBy } = album;
    await album.close();
    const failures: PlainError[] = [
      ...found.failures,
      ...photos.flatMap(({ source, state, error }) =>
        state === 'failed' && error ? [{ path: source, ...error }] : [],
      ),
      ...(pausedBy ? [pausedBy] : []),
    ];
    report.end(stopped || pausedBy ? album.counts : counts, failures);
    if ((stopped || pausedBy) && lasting) report.notice('The same command with --resume goes on from here.');
    if (stopped) return EXIT.stopped;
    return failures.length > 0 ? EXIT.someFailed : EXIT.done;
  } finally {
    for (const signal of STOPPING) process.removeListener(signal, stop);
    await album?.close();
    await network.close();
    await scratch.remove();
  }
}

function tell(
  report: Report,
  album: Album<PhotoSettings, EnhanceEvent> | undefined,
  event: AlbumEvent<PhotoSettings, EnhanceEvent>,
): void {
  if (event.kind === 'progress') {
    const photo = album?.photo(event.id);
    if (photo) report.progress(photo, event.event);
  } else if (event.kind === 'photo' && ENDED.has(event.photo.state)) report.ended(event.photo);
}

const ENDED: ReadonlySet<Photo['state']> = new Set(['done', 'skipped', 'failed']);

/**
 * Makes the album one of the photos found: those not done get the settings of this command line, and those that are
 * found no more go. Returns how many an earlier run had done.
 */
function fill(album: Album<PhotoSettings, EnhanceEvent>, found: Collection, options: Options): number {
  const known = new Map(album.photos.map((photo) => [photo.source, photo]));
  const again: string[] = [];
  const adjusted: { id: string; settings: PhotoSettings }[] = [];
  const fresh: { source: string; settings: PhotoSettings }[] = [];
  for (const [index, photo] of found.photos.entries()) {
    const before = known.get(photo.source);
    known.delete(photo.source);
    const settings = settingsFor(photo, index + 1, options);
    if (!before) fresh.push({ source: photo.source, settings });
    else if (before.state !== 'done' || !isSame(before)) {
      if (before.state !== 'waiting') again.push(before.id);
      if (JSON.stringify(before.settings) !== JSON.stringify(settings)) adjusted.push({ id: before.id, settings });
    }
  }
  album.retry(again, { evenDone: true });
  album.adjust(adjusted);
  // A bad file that somebody deleted would fail in every run to come. One that is done has its result, and stays.
  album.remove([...known.values()].filter(({ state }) => state !== 'done').map(({ id }) => id));
  album.add(fresh);
  return album.counts.done;
}

/** Whether the source is still the file that was worked on. */
function isSame({ source, identity }: Photo): boolean {
  const now = statSync(source, { throwIfNoEntry: false });
  return !identity || !now || (now.size === identity.bytes && Math.abs(now.mtimeMs - identity.modifiedMs) < 2);
}

function settingsFor(photo: Found, number: number, options: Options): PhotoSettings {
  const { placed, pixelLimit, format, blend, scale, quality, metadata, device, precision, tile, threads, ifExists } =
    options;
  return {
    blend,
    scale,
    // A file's name decides; `--format` agrees with it, but the photo may be of another format than its own name says.
    format: (placed?.is === 'file' ? outputFormatOf(placed.path) : format) ?? 'same',
    quality,
    metadata,
    device,
    precision,
    ifExists,
    number,
    ...(tile !== undefined && { tile }),
    ...(threads !== undefined && { threads }),
    ...(pixelLimit !== undefined && { pixelLimit: Math.round(pixelLimit * 1e6) }),
    ...(placed && {
      outputIs: placed.is,
      output: placed.is === 'file' ? placed.path : join(placed.path, photo.folder),
    }),
  };
}

/** Whether a former run's journal still has photos to do. */
function leftover(journal: string): boolean {
  return readAlbum(journal).some(({ state }) => state === 'waiting' || state === 'running' || state === 'paused');
}
