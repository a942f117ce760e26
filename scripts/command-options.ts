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

/**
 * A script's options. `--help` prints its usage and ends it with 0; what it does not take is told in one sentence with the
 * usage below it, and ends it with 2.
 * @param file the script, whose comment at the head is its usage
 */
export function commandOptions<const T extends ParseArgsConfig>(file: string, config: T): Parsed<T> {
  const args = config.args ?? process.argv.slice(2);
  if (args.includes('--help')) {
    console.log(usageOf(file));
    process.exit(0);
  }
  try {
    return parseArgs({ ...config, args }) as Parsed<T>;
  } catch (error) {
    console.error(`${(error as Error).message.split('. ')[0]}.\n\n${usageOf(file)}`);
    process.exit(2);
  }
}
