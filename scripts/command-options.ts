import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

/** The comment a script begins with, without its marks: what `--help` says. */
function usageOf(file: string): string {
  const [comment = ''] =
    /^(?:\/\*\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/.exec(readFileSync(file, 'utf8').replace(/^#!.*\n/, '')) ?? [];
  return comment
    .replace(/^\/\*\*\n?|\n? ?\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^ ?(?:\*|\/\/) ?/, ''))
    .join('\n')
    .trim();
}

/** Ends a command that was not told all it needs: `why` (without full stop) and its usage, with 2. */
export function refuseCommand(file: string, why: string): never {
  console.error(`${why}.\n\n${usageOf(file)}`);
  process.exit(2);
}

/** Ends a command that was asked for what cannot be done: the sentence, no stack; a fault of the program keeps its stack. */
function tell(error: unknown): void {
  const ours = [TypeError, ReferenceError, RangeError, SyntaxError].some((fault) => error instanceof fault);
  console.error(error instanceof Error ? (ours ? error.stack : error.message) : error);
  process.exit(1);
}

/**
 * A script's options. `--help` prints its usage and ends it with 0; what it does not take is told in one sentence with the
 * usage below it, and ends it with 2. From here on an error that nobody catches is told by its message, and ends it with 1.
 * @param file the script, whose comment at the head is its usage
 */
export function commandOptions<const T extends ParseArgsConfig>(file: string, config: T): Parsed<T> {
  const args = config.args ?? process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usageOf(file));
    process.exit(0);
  }
  process.once('uncaughtException', tell);
  try {
    return parseArgs({ ...config, args }) as Parsed<T>;
  } catch (error) {
    return refuseCommand(file, (error as Error).message.split('. ')[0] as string);
  }
}
