import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FourfoldError } from '../../electron/engine/errors.ts';
import { outputFormatFor } from '../../electron/engine/output/formats.ts';
import { placeFile } from '../../electron/engine/output/place.ts';
import { targetPath } from '../../electron/engine/output/target-path.ts';
import { decodePhoto, inspectPhoto } from '../../electron/engine/photo/decode.ts';
import { shared } from '../shared-data.ts';

// 161 files that a photo program may meet: truncated, bombs, wrong content, odd names. The manifest says of each whether
// it must decode or be refused with words.
const tar = join(shared, 'corpus/corpus.tar.gz');

interface Row {
  readonly path: string;
  readonly kind: string;
  readonly expected: 'decode-ok' | 'clear-error';
  readonly decodedAs: string;
}

function parseManifest(text: string): Row[] {
  const lines = text.trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [path = '', , kind = '', expected = '', , , decodedAs = ''] = line.split('\t');
    const literal = path.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\\\', '\\');
    return { path: literal, kind, expected: expected as Row['expected'], decodedAs };
  });
}

describe.skipIf(!existsSync(tar))('the corpus of difficult files', () => {
  let folder: string;
  let scratchDir: string;
  let rows: Row[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fourfold-corpus-'));
    scratchDir = join(folder, 'scratch');
    mkdirSync(scratchDir);
    execFileSync('tar', ['xzf', tar, '-C', folder]);
    rows = parseManifest(readFileSync(join(folder, 'manifest.tsv'), 'utf8'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('decodes or refuses every file as the manifest says, and leaves nothing behind', async () => {
    expect(rows.length).toBe(161);
    const wrong: string[] = [];
    for (const row of rows) {
      const path = join(folder, row.path);
      const before = statSync(path);
      const outcome = await look(path, scratchDir);
      if (outcome.kind !== row.expected) wrong.push(`${row.path}: ${row.expected}, but ${JSON.stringify(outcome)}`);
      const [, width, height] = /(\d+)x(\d+)x\d/.exec(row.decodedAs) ?? [];
      if (
        outcome.kind === 'decode-ok' &&
        width &&
        [outcome.width, outcome.height].sort().join() !== [+width, +(height ?? 0)].sort().join()
      )
        wrong.push(`${row.path}: ${row.decodedAs}, but ${outcome.width}×${outcome.height}`);
      const after = statSync(path);
      if (after.mtimeMs !== before.mtimeMs || after.size !== before.size) wrong.push(`${row.path}: was changed`);
    }
    expect(wrong).toEqual([]);
    expect(readdirSync(scratchDir)).toEqual([]);
  });

  it('gives every odd name a result beside it, with the name in it', async () => {
    const output = join(folder, 'out');
    for (const row of rows.filter(({ kind }) => kind === 'odd-name')) {
      const source = join(folder, row.path);
      const target = targetPath(source, { format: 'jpeg', output });
      const placed = await placeFile({ target, ifExists: 'fail', sources: [source], write: async () => {} });
      expect(existsSync(placed.path)).toBe(true);
      const stem = basename(source).replace(/\.[^.]*$/, '');
      expect(basename(placed.path).startsWith(stem.slice(0, 240))).toBe(true);
    }
    expect(readdirSync(output).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('says what kind of error it is', async () => {
    const code = async (name: string) => {
      const outcome = await look(join(folder, 'made', name), scratchDir);
      return outcome.kind === 'clear-error' ? outcome.code : outcome.kind;
    };
    expect(await code('truncated-50pct.jpg')).toBe('truncated');
    expect(await code('truncated-50pct.png')).toBe('truncated');
    expect(await code('truncated-50pct.tif')).toBe('truncated');
    expect(await code('truncated-50pct.webp')).toBe('truncated');
    expect(await code('truncated-60pct-progressive.jpg')).toBe('truncated');
    expect(await code('soi-only.jpg')).toBe('truncated');
    expect(await code('png-signature-only.png')).toBe('truncated');
    expect(await code('bitflip-idat.png')).toBe('damaged');
    expect(await code('header-0x0.png')).toBe('damaged');
    expect(await code('bomb-16000x16000-gray8.png')).toBe('too-many-pixels');
    expect(await code('bomb-30000x30000-1bit.png')).toBe('too-many-pixels');
    expect(await code('header-65500x65500.jpg')).toBe('too-many-pixels');
    expect(await code('svg-named.png')).toBe('not-a-picture');
    expect(await code('zero-byte.jpg')).toBe('not-a-picture');
  });

  it('takes the profile that fits and leaves the one that does not', async () => {
    const info = (name: string) => inspectPhoto(join(folder, 'made', name));
    const codes = async (name: string) => (await info(name)).notes.map(({ code }) => code);
    expect((await info('icc-display-p3.jpg')).colour.profileName).toContain('P3');
    expect(await codes('icc-display-p3.jpg')).toEqual([]);
    expect(await codes('icc-cmyk-profile-on-rgb.jpg')).toEqual(['profile-ignored']);
    expect(await codes('icc-garbage.jpg')).toEqual(['profile-ignored']);
    expect(await codes('cmyk-plain.jpg')).toEqual(['converted-to-srgb']);
    expect(await codes('animated.gif')).toEqual(['first-frame-only']);
    expect(await codes('animated.webp')).toEqual(['first-frame-only']);
    expect(await codes('multipage-mixed-sizes.tif')).toEqual(['first-frame-only']);
    expect((await info('png-named.jpg')).format).toBe('png');
    expect(outputFormatFor('gif', 'same')).toBe('png');
  });

  it('reads a name that is not UTF-8, as far as the system lets it exist', async () => {
    const from = join(folder, 'made/bad-utf8-name-placeholder.jpg');
    const to = Buffer.concat([Buffer.from(`${folder}/made/`), Buffer.from([0xff, 0xfe]), Buffer.from('.jpg')]);
    try {
      renameSync(from, to);
    } catch {
      return; // macOS and Windows allow no such name.
    }
    // Node hands such a name over with U+FFFD in it, under which there is no file.
    const names = readdirSync(join(folder, 'made')).filter((name) => name.includes('\uFFFD'));
    expect(names).toHaveLength(1);
    const outcome = await look(join(folder, 'made', names[0]!), scratchDir);
    expect(outcome.kind).toBe('decode-ok');
    renameSync(to, from);
  });
});

type Outcome =
  | { kind: 'decode-ok'; width: number; height: number }
  | { kind: 'clear-error'; code: string }
  | { kind: 'unclear'; words: string };

async function look(path: string, scratchDir: string): Promise<Outcome> {
  try {
    const photo = await decodePhoto(path, { scratchDir });
    const { width, height } = photo.pixels;
    photo.pixels.read({ x: 0, y: height - 1, width, height: 1 });
    await photo.close();
    return { kind: 'decode-ok', width, height };
  } catch (error) {
    if (error instanceof FourfoldError && error.message.length > 20) return { kind: 'clear-error', code: error.code };
    return { kind: 'unclear', words: String(error) };
  }
}
