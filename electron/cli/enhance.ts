import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, extname, join, resolve } from 'node:path';
import { Album, type AlbumEvent } from '../engine/album.ts';
import { engineWork } from '../engine/album-work.ts';
import type { EnhanceEvent, PhotoSettings } from '../engine/enhance-options.ts';
import { FourfoldError, type PlainError, toPlainError } from '../engine/errors.ts';
import { formatOfExtension, OUTPUT_FORMATS, type OutputFormat } from '../engine/formats.ts';
import { loadModelPair } from '../engine/model.ts';
import { NetworkPool } from '../engine/network-pool.ts';
import { openScratchFolder } from '../engine/scratch-folder.ts';
import { type EnhanceArguments, EXIT } from './arguments.ts';
import { type Collection, collectPhotos, type Found } from './collect.ts';
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

const NOTHING = { waiting: 0, running: 0, paused: 0, done: 0, skipped: 0, failed: 0, cancelled: 0, total: 0 };

interface Output {
  readonly path: string;
  readonly is: 'file' | 'folder';
}

type Options = EnhanceArguments & { readonly placed?: Output };

async function run(found: Collection, paths: string[], options: Options, report: Report): Promise<number> {
  const models = await loadModelPair();
  const scratch = await openScratchFolder();
  const network = new NetworkPool({ models });
  const lasting = found.photos.length > 1 || options.resume;
  const journal = lasting ? journalFor(paths, options) : join(scratch.path, 'album.jsonl');
  let album: Album<PhotoSettings, EnhanceEvent> | undefined;
  let stopped = false;
  const stop = () => {
    if (stopped) process.exit(EXIT.stopped);
    stopped = true;
    report.notice('Stopping after this tile. (Ctrl-C again stops at once.)');
    void album?.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    if (options.resume && !existsSync(journal))
      report.notice('No earlier run of this command was found: starting fresh.');
    const resumed = options.resume || !lasting ? undefined : await leftover(journal);
    if (resumed) report.notice('An earlier run of this command was not finished; --resume would have gone on with it.');
    album = await Album.open<PhotoSettings, EnhanceEvent>({
      journal,
      fresh: !options.resume,
      work: engineWork({ models, network, scratchDir: scratch.path }),
      onEvent: (event) => tell(report, album, event),
    });
    const done = fill(album, found, options);
    if (found.results > 0)
      report.notice(`${found.results} file(s) left out: results of an earlier run, beside their sources.`);
    report.begin(album.counts.total, done);
    await Promise.race([album.start(), album.halted()]);
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
    process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
    await album?.close();
    await network.close();
    await scratch.remove();
    if (!lasting) await rm(journal, { force: true });
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

/** Puts the photos found into the album; returns how many of them an earlier run had done. */
function fill(album: Album<PhotoSettings, EnhanceEvent>, found: Collection, options: Options): number {
  const known = new Map(album.photos.map((photo) => [photo.source, photo]));
  const again: string[] = [];
  const fresh: { source: string; settings: PhotoSettings }[] = [];
  let done = 0;
  for (const [index, photo] of found.photos.entries()) {
    const before = known.get(photo.source);
    if (before?.state === 'done' && isSame(before)) done++;
    else if (before && before.state !== 'waiting') again.push(before.id);
    else if (!before) fresh.push({ source: photo.source, settings: settingsFor(photo, index + 1, options) });
  }
  album.retry(again, { evenDone: true });
  album.add(fresh);
  return done;
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
    format: format ?? (placed?.is === 'file' ? outputFormatOf(placed.path) : 'same'),
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

/** A name with a picture's extension is a file, everything else a folder; an existing folder stays one. */
function readOutput(paths: readonly string[], { output, format }: EnhanceArguments): Output | undefined {
  if (output === undefined) return undefined;
  const path = resolve(output);
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory() || /[\\/]$/.test(output) || extname(path) === '') {
    if (existing?.isFile())
      throw wrongUse(`--output ${output} is a file without a picture’s extension. Name a folder.`);
    return { path, is: 'folder' };
  }
  const promised = outputFormatOf(path);
  if (!promised) {
    if (paths.length > 1 || statSync(paths[0]!, { throwIfNoEntry: false })?.isDirectory())
      return { path, is: 'folder' };
    throw wrongUse(
      `--output ends in “${extname(path)}”, which Fourfold does not write. Use .jpg, .png, .webp, .tif or .avif, or a folder’s name with / at its end.`,
    );
  }
  if (format && format !== 'same' && format !== promised)
    throw wrongUse(`--output ${basename(path)} and --format ${format} contradict each other. Leave one out.`);
  return { path, is: 'file' };
}

function outputFormatOf(path: string): OutputFormat | undefined {
  const format = formatOfExtension(path);
  return OUTPUT_FORMATS.find((known) => known === format);
}

function wrongUse(sentence: string): FourfoldError {
  return new FourfoldError('wrong-use', sentence);
}

/** Whether a former run's journal still has photos to do. */
async function leftover(journal: string): Promise<boolean> {
  if (!existsSync(journal)) return false;
  const { readAlbum } = await import('../engine/album.ts');
  return readAlbum(journal).some(({ state }) => state === 'waiting' || state === 'running' || state === 'paused');
}

/** One journal for each distinct command, in the user's state folder; `FOURFOLD_STATE` names another. */
function journalFor(paths: readonly string[], options: Options): string {
  const { output, blend, scale, format, quality, metadata, ifExists, recursive } = options;
  const command = { paths: paths.map((path) => resolve(path)), output: output && resolve(output) };
  const rest = { blend, scale, format, quality, metadata, ifExists, recursive };
  const name = createHash('sha256')
    .update(JSON.stringify([command, rest]))
    .digest('hex')
    .slice(0, 16);
  return join(stateFolder(), 'albums', `${name}.jsonl`);
}

function stateFolder(): string {
  const { FOURFOLD_STATE, XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  if (FOURFOLD_STATE) return FOURFOLD_STATE;
  if (process.platform === 'win32') return join(LOCALAPPDATA ?? tmpdir(), 'Fourfold');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Fourfold');
  return join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'fourfold');
}
