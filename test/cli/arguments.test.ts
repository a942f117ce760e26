import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Actions, type EnhanceArguments, runCommand } from '../../electron/cli/arguments.ts';
import { listen } from './listen.ts';

let said: ReturnType<typeof listen>;
beforeEach(() => {
  said = listen();
});
afterEach(() => vi.restoreAllMocks());

async function run(...argv: string[]) {
  const calls: { paths?: string[]; options: Partial<EnhanceArguments> }[] = [];
  const actions: Actions = {
    async enhance(paths, options) {
      calls.push({ paths, options });
      return 7;
    },
    async devices(options) {
      calls.push({ options });
      return 8;
    },
  };
  return { code: await runCommand(argv, '1.2.3', actions), calls };
}

describe('the command line', () => {
  it('enlarges what it is given, with or without the word', async () => {
    for (const argv of [
      ['a.jpg', 'b'],
      ['enhance', 'a.jpg', 'b'],
    ]) {
      const { code, calls } = await run(...argv);
      expect(code).toBe(7);
      expect(calls[0]!.paths).toEqual(['a.jpg', 'b']);
      const { options } = calls[0]!;
      expect(options).toMatchObject({ blend: 0.5, scale: 4, quality: 92, device: 'auto', precision: 'auto' });
      expect(options).toMatchObject({
        ifExists: 'rename',
        metadata: 'keep',
        recursive: false,
        resume: false,
        json: false,
      });
      expect(options.format).toBeUndefined();
    }
  });

  it('reads every option', async () => {
    const { calls } = await run(
      ...[
        'x',
        '--output',
        'o',
        '--blend',
        '0.25',
        '--scale',
        '2',
        '--format',
        'avif',
        '--quality',
        '80',
        '--device',
        'webgpu',
      ],
      ...['--precision', 'fp16', '--tile', '128', '--threads', '3', '--if-exists', 'skip', '--metadata', 'no-location'],
      ...['--pixel-limit', '300', '--recursive', '--resume', '--json', '--quiet'],
    );
    expect(calls[0]!.options).toEqual({
      output: 'o',
      blend: 0.25,
      scale: 2,
      format: 'avif',
      quality: 80,
      device: 'webgpu',
      precision: 'fp16',
      tile: 128,
      threads: 3,
      ifExists: 'skip',
      metadata: 'no-location',
      pixelLimit: 300,
      recursive: true,
      resume: true,
      json: true,
      quiet: true,
    });
  });

  it('lists devices', async () => {
    expect((await run('devices', '--json')).calls).toEqual([{ options: { json: true } }]);
  });

  it.each([
    [[], 'missing required argument'],
    [['x', '--blend', '1.5'], 'from 0 to 1'],
    [['x', '--blend', 'much'], 'from 0 to 1'],
    [['x', '--blend', ''], 'from 0 to 1'],
    [['x', '--scale', '5'], 'Expected 2, 3 or 4'],
    [['x', '--quality', '0'], 'from 1 to 100'],
    [['x', '--tile', '64.5'], 'whole number'],
    [['x', '--format', 'bmp'], 'Allowed choices are same, jpeg'],
    [['x', '--device', 'toaster'], 'Allowed choices are auto, cpu'],
    [['x', '--if-exists', 'ask'], 'Allowed choices are rename'],
    [['x', '--faster'], 'unknown option'],
  ])('refuses %j with 2 and says what it expected', async (argv, words) => {
    const { code, calls } = await run(...argv);
    expect([code, calls]).toEqual([2, []]);
    expect(said.text).toContain(words);
    expect(said.text).toContain('--help');
  });

  it.each([['--version'], ['enhance', '--version'], ['-V']])('prints the version for %j %j', async (...argv) => {
    expect((await run(...argv)).code).toBe(0);
    expect(said.text.trim()).toBe('1.2.3');
  });

  it.each([[['--help']], [['enhance', '--help']]])('explains every option for %j', async (argv) => {
    expect((await run(...argv)).code).toBe(0);
    for (const word of ['--blend', '--if-exists', '--resume', '--precision', '--recursive', 'Exit code'])
      expect(said.text).toContain(word);
  });
});
