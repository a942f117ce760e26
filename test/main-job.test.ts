import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture } from './fixture.ts';

// The main job as a user has it: the command in its own process, the shipped models, real photos (small ones).

const root = fileURLToPath(new URL('..', import.meta.url));

let home: string;
let folder: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'fourfold-main-'));
});
beforeEach(() => {
  folder = mkdtempSync(join(home, 'case-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

function start(command: string, args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, FOURFOLD_SCRATCH: join(home, 'scratch'), FOURFOLD_STATE: join(home, 'state'), ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const ended = new Promise<Ended>((done) => child.once('close', (code) => done({ code, out, err })));
  return { child, ended };
}

const fourfold = (...args: string[]) => start(process.execPath, ['electron/cli/fourfold.js', ...args]);

/** The lines of a `--json` run. */
const events = ({ out }: Ended) =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown> & { event: string });

/** Mean squared error on 8-bit RGB, 4 px shaved. */
async function errorTo(path: string, original: string): Promise<number> {
  const read = (file: string) => sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [a, b] = [await read(path), await read(original)];
  expect([a.info.width, a.info.height]).toEqual([b.info.width, b.info.height]);
  const { width, height } = a.info;
  let sum = 0;
  for (let y = 4; y < height - 4; y++)
    for (let i = (y * width + 4) * 3; i < (y * width + width - 4) * 3; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return sum / ((width - 8) * (height - 8) * 3);
}

describe('the main job', { timeout: 180_000 }, () => {
  it('enlarges a photo with the README’s command, nearer to the truth than bicubic, colours and metadata kept', async () => {
    const original = join(folder, 'original.png');
    await sharp(fixture('chelsea.png')).extract({ left: 100, top: 60, width: 256, height: 192 }).toFile(original);
    const small = join(folder, 'cat.png');
    await sharp(original)
      .resize(64, 48, { kernel: 'cubic' })
      .withMetadata({ density: 300 })
      .withExif({ IFD0: { Artist: 'Stéfan van der Walt' }, IFD3: { GPSLatitudeRef: 'N' } })
      .toFile(small);
    const done = await start('npm', ['run', '--silent', 'enhance', '--', small, '--blend', '0']).ended;
    expect(done.err + done.out).toMatch(/cat\.png → .*cat-4x\.png .*256×192/);
    expect(done.code).toBe(0);
    const made = join(folder, 'cat-4x.png');
    const bicubic = join(folder, 'bicubic.png');
    await sharp(small).resize(256, 192, { kernel: 'cubic' }).toFile(bicubic);
    // Measured with the first weights: 79 against 107, which is 1.3 dB.
    expect(await errorTo(made, original)).toBeLessThan(0.8 * (await errorTo(bicubic, original)));
    const meta = await sharp(made).metadata();
    expect(meta).toMatchObject({ width: 256, height: 192, density: 300, format: 'png' });
    expect(meta.exif!.includes('van der Walt')).toBe(true);
    expect(meta.xmp!.toString()).toContain('algorithmicallyEnhanced');
    expect(readdirSync(folder).sort()).toEqual(['bicubic.png', 'cat-4x.png', 'cat.png', 'original.png']);
  });

  it('does a folder: tree mirrored, bad ones listed last, and --resume does nothing twice', async () => {
    const photos = join(folder, 'photos');
    mkdirSync(join(photos, 'sub'), { recursive: true });
    const tiny = sharp(fixture('rocket.jpg')).resize(24, 20);
    await tiny.clone().toFile(join(photos, 'a.jpg'));
    await tiny
      .clone()
      .webp()
      .toFile(join(photos, 'sub', 'b.webp'));
    writeFileSync(join(photos, 'bad.jpg'), 'no picture');
    symlinkSync('..', join(photos, 'sub', 'loop'));
    const output = join(folder, 'large');
    const command = [photos, '--recursive', '--output', output, '--json'];
    const first = await fourfold(...command).ended;
    expect(first.code).toBe(1);
    const told = events(first);
    expect(told[0]).toEqual({ event: 'begin', total: 3, alreadyDone: 0 });
    expect(told.filter(({ event }) => event === 'done').map(({ source }) => source)).toEqual([
      join(photos, 'a.jpg'),
      join(photos, 'sub', 'b.webp'),
    ]);
    expect(told.some(({ event }) => event === 'tile')).toBe(true);
    expect(told.at(-1)).toMatchObject({
      event: 'end',
      counts: { done: 2, failed: 1, total: 3 },
      failures: [{ code: 'not-a-picture', path: join(photos, 'bad.jpg') }],
    });
    const made = () => readdirSync(output, { recursive: true }).map(String).sort();
    expect(made()).toEqual(['a-4x.jpg', 'sub', join('sub', 'b-4x.webp')]);

    await tiny.clone().toFile(join(photos, 'bad.jpg'));
    const second = await fourfold(...command, '--resume').ended;
    expect(second.code).toBe(0);
    expect(events(second)[0]).toEqual({ event: 'begin', total: 3, alreadyDone: 2 });
    expect(made()).toEqual(['a-4x.jpg', 'bad-4x.jpg', 'sub', join('sub', 'b-4x.webp')]);
  });

  it('stops on Ctrl-C within a tile and leaves nothing half done', async () => {
    const photos = join(folder, 'photos');
    mkdirSync(photos);
    await sharp(fixture('coffee.png')).toFile(join(photos, 'big.png'));
    copyFileSync(join(photos, 'big.png'), join(photos, 'second.png'));
    const run = fourfold(photos, '--tile', '64', '--precision', 'fp32', '--json');
    let pressed = 0;
    run.child.stdout!.on('data', (text) => {
      if (pressed || !String(text).includes('"event":"tile"')) return;
      pressed = performance.now();
      run.child.kill('SIGINT');
    });
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(performance.now() - pressed).toBeLessThan(10_000);
    const told = events(ended);
    const tiles = told.filter(({ event }) => event === 'tile');
    expect(tiles.length).toBeLessThan(5);
    expect(told.find(({ event }) => event === 'end')).toMatchObject({ counts: { waiting: 2, done: 0, total: 2 } });
    expect(readdirSync(photos).sort()).toEqual(['big.png', 'second.png']);
    expect(readdirSync(join(home, 'scratch'))).toEqual([]);
  });

  it('refuses models with one flipped bit, and wrong use with 2', async () => {
    const models = join(folder, 'models');
    cpSync(join(root, 'models'), models, { recursive: true });
    const weights = join(models, 'srgan.onnx');
    const bytes = readFileSync(weights);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(weights, bytes);
    const photo = join(folder, 'a.png');
    await sharp(fixture('coffee.png')).resize(20, 20).toFile(photo);
    const altered = start(process.execPath, ['electron/cli/fourfold.js', photo], { FOURFOLD_MODELS: models });
    const contradiction = fourfold(photo, '--output', join(folder, 'a.jpg'), '--format', 'png');
    const missing = fourfold(join(folder, 'none.jpg'));
    const refused = await altered.ended;
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/model file is missing or damaged/);
    const wrong = await contradiction.ended;
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/contradict/);
    const gone = await missing.ended;
    expect(gone.code).toBe(1);
    expect(gone.err.trim().split('\n').at(-1)).toMatch(/none\.jpg: There is no such file/);
    expect(readdirSync(folder).sort()).toEqual(['a.png', 'models']);
  });

  it('refuses a device that cannot be had instead of taking another', async () => {
    const photo = join(folder, 'a.png');
    await sharp(fixture('coffee.png')).resize(20, 20).toFile(photo);
    const ended = await fourfold(photo, '--device', process.platform === 'win32' ? 'coreml' : 'dml').ended;
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/Failed:/);
    expect(existsSync(join(folder, 'a-4x.png'))).toBe(false);
  });
});
