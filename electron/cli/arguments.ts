import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_QUALITY, type OutputFormat } from '../engine/output/formats.ts';

/** Exit codes: what a script may rely on. */
export const EXIT = { done: 0, someFailed: 1, wrongUse: 2, stopped: 130 } as const;

/** Signals that ask a command to end. */
export const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const DEVICE_CHOICES = ['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export const PRECISION_CHOICES = ['auto', 'fp32', 'int8', 'fp16'] as const;

/** The options of `enhance`, checked. */
export interface EnhanceArguments {
  readonly output?: string;
  readonly blend: number;
  readonly scale: 2 | 3 | 4;
  readonly format?: OutputFormat | 'same';
  readonly quality: number;
  readonly device: (typeof DEVICE_CHOICES)[number];
  readonly precision: (typeof PRECISION_CHOICES)[number];
  readonly tile?: number;
  readonly threads?: number;
  readonly ifExists: 'rename' | 'skip' | 'overwrite' | 'fail';
  readonly metadata: 'keep' | 'no-location' | 'none';
  readonly pixelLimit?: number;
  readonly recursive: boolean;
  readonly resume: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export interface Actions {
  enhance(paths: string[], options: EnhanceArguments): Promise<number>;
  devices(options: { json: boolean }): Promise<number>;
}

/**
 * Reads the command line, runs the action it names and returns the exit code. Wrong use is told on stderr with the way
 * out and ends in 2.
 */
export async function runCommand(argv: readonly string[], version: string, actions: Actions): Promise<number> {
  let code: number = EXIT.done;
  const program = new Command('fourfold')
    .description('Enlarges photos four times with SRResNet and SRGAN, on this machine. Nothing is sent anywhere.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .showHelpAfterError('(fourfold --help lists every option)')
    .enablePositionalOptions()
    .exitOverride();
  const enhance = enhanceCommand(version).action(async (paths: string[], options: EnhanceArguments) => {
    code = await actions.enhance(paths, options);
  });
  program.addCommand(enhance, { isDefault: true });
  // The word `enhance` may be left out, so its help belongs to `fourfold --help` too.
  program.addHelpText('after', () => `\n${enhance.helpInformation()}${AFTER_HELP}`);
  program
    .command('devices')
    .description('list the devices Fourfold can work on, by name')
    .option('--json', 'print one JSON object', false)
    .exitOverride()
    .action(async (options: { json: boolean }) => {
      code = await actions.devices(options);
    });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse;
  }
}

function enhanceCommand(version: string): Command {
  return new Command('enhance')
    .description('enlarge photos; a folder means the photos in it')
    .argument('<files and folders...>', 'JPEG, PNG, WebP, TIFF, AVIF or GIF')
    .option('-o, --output <file|dir>', 'where to write (default: beside each photo, as <name>-4x)')
    .addOption(
      new Option('-b, --blend <0…1>', '0 = SRResNet (faithful), 1 = SRGAN (crisp, invents texture)')
        .default(0.5)
        .argParser(between(0, 1, false)),
    )
    .addOption(
      new Option('-s, --scale <2|3|4>', 'result size; 2 and 3 are exact reductions of 4')
        .default(4)
        .argParser((text) => {
          if (!['2', '3', '4'].includes(text)) throw new InvalidArgumentError('Expected 2, 3 or 4.');
          return Number(text);
        }),
    )
    .addOption(
      new Option('-f, --format <format>', 'format of the result (default: same, or what --output ends in)').choices([
        'same',
        'jpeg',
        'png',
        'webp',
        'tiff',
        'avif',
      ]),
    )
    .addOption(
      new Option('-q, --quality <1…100>', 'for JPEG, WebP and AVIF')
        .default(DEFAULT_QUALITY)
        .argParser(between(1, 100, true)),
    )
    .addOption(new Option('-d, --device <device>', 'what to compute on').choices([...DEVICE_CHOICES]).default('auto'))
    .addOption(
      new Option('-p, --precision <precision>', 'auto takes int8 or fp16 where it is as good')
        .choices([...PRECISION_CHOICES])
        .default('auto'),
    )
    .addOption(
      new Option('--tile <px>', 'edge of a tile in source pixels (default: by device)').argParser(
        between(16, 1024, true),
      ),
    )
    .addOption(
      new Option('--threads <n>', 'processor threads (default: the performance cores)').argParser(
        between(1, 256, true),
      ),
    )
    .addOption(
      new Option('--if-exists <what>', 'when a file of that name exists')
        .choices(['rename', 'skip', 'overwrite', 'fail'])
        .default('rename'),
    )
    .addOption(
      new Option('--metadata <what>', 'what of the photo’s metadata goes into the result')
        .choices(['keep', 'no-location', 'none'])
        .default('keep'),
    )
    .addOption(
      new Option('--pixel-limit <megapixels>', 'largest photo accepted (guards against bombs)').argParser(
        between(0.001, 100_000, false),
      ),
    )
    .option('-r, --recursive', 'folders with everything below; the tree is mirrored in --output', false)
    .option('--resume', 'go on with an earlier run of the same command', false)
    .option('--json', 'one JSON event a line on stdout, for other programs', false)
    .option('--quiet', 'print failures only', false)
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', AFTER_HELP)
    .showHelpAfterError('(fourfold --help lists every option)')
    .exitOverride();
}

const AFTER_HELP = `
Exit code: 0 all done, 1 some photo failed (listed last), 2 wrong use, 130 stopped by Ctrl-C.

Examples:
  fourfold photo.jpg
  fourfold holiday --recursive --output enlarged --blend 0.3
  fourfold devices
`;

function between(low: number, high: number, whole: boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`Expected a ${whole ? 'whole ' : ''}number from ${low} to ${high}.`);
  };
}
