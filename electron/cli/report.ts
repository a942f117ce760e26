import { basename, relative } from 'node:path';
import { type Options, SingleBar } from 'cli-progress';
import type { AlbumCounts, AlbumPhoto } from '../engine/album/album-state.ts';
import type { EnhanceEvent, PhotoSettings } from '../engine/enhance-options.ts';
import type { PlainError } from '../engine/errors.ts';
import { sentencesOf } from '../engine/finding.ts';

export type Photo = AlbumPhoto<PhotoSettings>;

/** Tells whoever watches (a person, a log, another program) how it goes. */
export interface Report {
  begin(total: number, alreadyDone: number): void;
  progress(photo: Photo, event: EnhanceEvent): void;
  /** A photo reached a final state. */
  ended(photo: Photo): void;
  notice(text: string): void;
  /** The closing account; the failures are always printed last. */
  end(counts: AlbumCounts, failures: readonly PlainError[]): void;
}

export interface ReportStreams {
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WriteStream;
}

/** Seconds between two plain progress lines of one photo. */
const LINE_EVERY = 10;

/** One JSON object a line on stdout. */
export function jsonReport({ out }: Pick<ReportStreams, 'out'>): Report {
  const line = (value: object) => out.write(`${JSON.stringify(value)}\n`);
  return {
    begin: (total, alreadyDone) => line({ event: 'begin', total, alreadyDone }),
    progress(photo, { kind, ...data }) {
      if (kind !== 'done') line({ event: kind, source: photo.source, ...data });
    },
    ended({ source, state, result, error }) {
      line({ event: state, source, ...(result && { result }), ...(error && { error }) });
    },
    notice: (text) => line({ event: 'notice', text }),
    end: (counts, failures) => line({ event: 'end', counts, failures }),
  };
}

/** Failures only, on stderr. */
export function quietReport({ err }: Pick<ReportStreams, 'err'>): Report {
  return {
    begin() {},
    progress() {},
    ended() {},
    notice() {},
    end: (_counts, failures) => printFailures(err, failures),
  };
}

/** For a person: a bar on a terminal, plain lines elsewhere. */
export function humanReport({ out, err }: ReportStreams): Report {
  let total = 0;
  let earlier = 0;
  /** Photos begun or ended, in that order: the place of a photo among all. */
  const begun = new Map<string, number>();
  const placeOf = ({ id }: Photo) => begun.get(id) ?? begun.set(id, earlier + begun.size + 1).get(id)!;
  const devices = new Set<string>();
  const bar = err.isTTY ? new Bar(err) : undefined;
  const said = new Map<string, number>();
  /** Above the bar, where there is one. */
  const say = (stream: NodeJS.WritableStream, text: string) => {
    bar?.clear();
    stream.write(`${text}\n`);
  };
  return {
    begin(count, alreadyDone) {
      total = count;
      earlier = alreadyDone;
      if (alreadyDone > 0) say(err, `${alreadyDone} of ${count} photos were done by an earlier run.`);
    },
    progress(photo, event) {
      const name = basename(photo.source);
      if (event.kind === 'session') {
        const line = `Working on ${event.deviceName} (${event.precision}): ${sentencesOf(event.why)}`;
        if (event.after) say(err, `${name}: ${AFTER[event.after]} ${line}`);
        else if (!devices.has(line)) say(err, line);
        devices.add(line);
      } else if (event.kind === 'note') say(err, `${name}: ${event.note.sentence}`);
      else if (event.kind === 'tile') {
        const place = total > 1 ? ` (photo ${placeOf(photo)} of ${total})` : '';
        if (bar) return bar.show(name + place, event);
        const now = performance.now() / 1000;
        if (now - (said.get(photo.id) ?? now - (event.done === 1 ? 0 : LINE_EVERY)) < LINE_EVERY) {
          if (!said.has(photo.id)) said.set(photo.id, now);
          return;
        }
        said.set(photo.id, now);
        say(
          err,
          `${name}${place}: ${event.done}/${event.total} tiles, ${speed(event.pixelsPerSecond)}, ${left(event.secondsLeft)} left`,
        );
      } else if (event.kind === 'stage' && event.stage === 'encode') bar?.clear();
    },
    ended(photo) {
      const { source, state, result } = photo;
      placeOf(photo);
      const name = basename(source);
      if (state === 'done' && result) {
        const { width, height, device, deviceName, precision, seconds, pixelsPerSecond = 0 } = result;
        // In an album, stages of several photos overlap, so a photo's own time says little.
        const pace = total > 1 ? speed(pixelsPerSecond) : `${seconds.toFixed(1)} s`;
        const made = `${width}×${height}, ${pace} on ${deviceName || device} ${precision}`;
        say(out, `${name} → ${shortest(result.path)}  (${made})`);
      } else if (state === 'skipped' && result) say(out, `${name}: skipped, ${shortest(result.path)} exists`);
      else if (state === 'failed') say(err, `${name}: failed`);
    },
    notice: (text) => say(err, text),
    end(counts, failures) {
      bar?.clear();
      if (counts.total > 1) err.write(`${account(counts)}\n`);
      printFailures(err, failures);
    },
  };
}

const AFTER = {
  'device-memory': 'the device’s memory ran out; going on with smaller tiles.',
  'device-lost': 'the device stopped; going on.',
  'result-wrong': 'a result looked wrong and was made again.',
} as const;

/** Counts in words: `20 photos: 18 done, 1 skipped, 1 failed`. */
export function account({ total, ...states }: AlbumCounts): string {
  const parts = Object.entries(states)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  return `${total} photos: ${parts.join(', ')}`;
}

function printFailures(err: NodeJS.WritableStream, failures: readonly PlainError[]): void {
  if (failures.length === 0) return;
  err.write(`${failures.length === 1 ? 'Failed' : `${failures.length} failed`}:\n`);
  for (const { path, sentence } of failures) err.write(`  ${path ? `${shortest(path)}: ` : ''}${sentence}\n`);
}

class Bar {
  readonly #bar: SingleBar;
  #shown = '';

  constructor(stream: NodeJS.WriteStream) {
    const options: Options = {
      stream,
      format: '{name} {bar} {value}/{total} tiles  {speed}  {left} left',
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      hideCursor: true,
      clearOnComplete: true,
      // One event a tile: nothing is gained by a timer that draws in between, and it would keep the process alive.
      noTTYOutput: false,
      emptyOnZero: true,
    };
    this.#bar = new SingleBar(options);
  }

  show(name: string, tile: Extract<EnhanceEvent, { kind: 'tile' }>): void {
    const values = { name, speed: speed(tile.pixelsPerSecond), left: left(tile.secondsLeft) };
    if (this.#shown !== name) {
      this.clear();
      this.#bar.start(tile.total, tile.done, values);
      this.#shown = name;
    } else this.#bar.update(tile.done, values);
    if (tile.done === tile.total) this.clear();
  }

  clear(): void {
    if (!this.#shown) return;
    this.#bar.stop();
    this.#shown = '';
  }
}

/** `41 kpx/s`: source pixels a second. */
export function speed(pixelsPerSecond: number): string {
  return pixelsPerSecond >= 1e6
    ? `${(pixelsPerSecond / 1e6).toFixed(1)} Mpx/s`
    : `${Math.round(pixelsPerSecond / 1e3)} kpx/s`;
}

function left(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Relative to here where that is shorter. */
function shortest(path: string): string {
  const here = relative('', path);
  return here && here.length < path.length ? here : path;
}
