import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { humanReport, jsonReport, type Photo, quietReport } from '../../electron/cli/report.ts';
import type { EnhanceEvent } from '../../electron/engine/enhance-options.ts';

/** A stream that remembers; a terminal when asked. */
function stream(isTTY = false) {
  let text = '';
  const written = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return Object.assign(written, { isTTY, columns: 120, text: () => text }) as unknown as NodeJS.WriteStream & {
    text(): string;
  };
}

const photo = (name: string, more: Partial<Photo> = {}): Photo => ({
  id: name,
  source: `/photos/${name}`,
  settings: { blend: 0.5 },
  state: 'running',
  ...more,
});
const tile = (done: number): EnhanceEvent => ({
  kind: 'tile',
  done,
  total: 4,
  pixelsPerSecond: 41_000,
  secondsLeft: 75,
});
const result = {
  path: '/photos/a-4x.jpg',
  bytes: 1,
  width: 400,
  height: 300,
  device: 'cpu',
  deviceName: 'CPU',
  precision: 'int8',
  seconds: 2,
  pixelsPerSecond: 41_000,
  notes: [],
};
const none = { waiting: 0, running: 0, paused: 0, done: 1, skipped: 0, failed: 1, cancelled: 0, total: 2 };
const failure = { code: 'damaged', sentence: 'This photo is damaged.', path: '/photos/bad.jpg' } as const;

describe('what is told', () => {
  it('plain lines when nobody watches, failures last', () => {
    const [out, err] = [stream(), stream()];
    const report = humanReport({ out, err });
    report.begin(2, 0);
    report.ended(photo('bad.jpg', { state: 'failed', error: failure }));
    report.progress(photo('a.jpg'), tile(1));
    report.progress(photo('a.jpg'), tile(2));
    report.ended(photo('a.jpg', { state: 'done', result }));
    report.end(none, [failure]);
    expect(out.text()).toBe('a.jpg → /photos/a-4x.jpg  (400×300, 41 kpx/s on CPU int8)\n');
    // The first tile comes too soon for a line of its own.
    expect(err.text()).toBe(
      'bad.jpg: failed\n2 photos: 1 done, 1 failed\nFailed:\n  /photos/bad.jpg: This photo is damaged.\n',
    );
    expect(err.text()).not.toContain('\u001b');
  });

  it('a bar with tiles, speed and time left on a terminal, which photo it is, and no bar left standing', () => {
    const [out, err] = [stream(), stream(true)];
    const report = humanReport({ out, err });
    report.begin(3, 1);
    report.progress(photo('a.jpg'), tile(1));
    report.progress(photo('a.jpg'), tile(4));
    report.progress(photo('b.jpg'), tile(2));
    report.end(none, []);
    expect(err.text()).toMatch(/a\.jpg \(photo 2 of 3\) █+░+ 1\/4 tiles {2}41 kpx\/s {2}1 min 15 s left/);
    expect(err.text()).toMatch(/b\.jpg \(photo 3 of 3\)/);
    expect(err.text().lastIndexOf('\u001b[2K')).toBeGreaterThan(err.text().lastIndexOf('b.jpg'));
  });

  it('one JSON object a line', () => {
    const out = new PassThrough();
    const report = jsonReport({ out });
    report.begin(1, 0);
    report.progress(photo('a.jpg'), tile(1));
    report.ended(photo('a.jpg', { state: 'done', result }));
    report.end(none, [failure]);
    const lines = String(out.read()).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'begin',
      'tile',
      'done',
      'end',
    ]);
    expect(JSON.parse(lines[1]!)).toEqual({
      event: 'tile',
      source: '/photos/a.jpg',
      done: 1,
      total: 4,
      pixelsPerSecond: 41_000,
      secondsLeft: 75,
    });
  });

  it('failures only when quiet', () => {
    const err = stream();
    const report = quietReport({ err });
    report.begin(1, 0);
    report.progress(photo('a.jpg'), tile(1));
    report.ended(photo('a.jpg', { state: 'done', result }));
    report.end(none, []);
    expect(err.text()).toBe('');
    report.end(none, [failure, failure]);
    expect(err.text()).toMatch(/^2 failed:\n {2}/);
  });
});
