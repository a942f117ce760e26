import { basename, dirname, extname, join } from 'node:path';
import { FourfoldError } from '../errors.ts';
import { extensionOf, formatOfExtension, type OutputFormat } from './formats.ts';

export interface TargetOptions {
  readonly format: OutputFormat;
  /** Folder for the result; default: beside the source. */
  readonly output?: string;
  /** Without extension, `{name}` and the keys of `values` in braces. */
  readonly template?: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

export const DEFAULT_TEMPLATE = '{name}-4x';

/** NAME_MAX of common disks, in UTF-8 bytes; room is left for a number. */
const NAME_BYTES = 255;
const NUMBER_ROOM = ' (9999)'.length;
/** Not allowed on Windows, and a slash nowhere: a template should give the same names everywhere. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const FORBIDDEN = /[<>:"/\\|?*\u0000-\u001f]/;

/**
 * The result's path. The source's own name goes in as it is (it was possible on this disk); the template's own letters
 * are checked. A name that grows too long for a disk loses letters at the end of `{name}`.
 * @throws FourfoldError 'name-forbidden', 'name-too-long'.
 */
export function targetPath(source: string, options: TargetOptions): string {
  const { format, template = DEFAULT_TEMPLATE, values = {} } = options;
  const sourceExtension = extname(source);
  const extension = formatOfExtension(source) === format ? sourceExtension : extensionOf(format);
  const literal = template.replace(/\{[a-z]+\}/g, '');
  const bad = FORBIDDEN.exec(literal)?.[0];
  if (bad !== undefined || template.trim() === '') throw forbidden(bad ?? ' ');
  const fill = (name: string) =>
    template.replace(/\{([a-z]+)\}/g, (whole, key: string) => (key === 'name' ? name : String(values[key] ?? whole)));
  // Only a known extension is taken off: `holiday.2024` is all name.
  const stem = formatOfExtension(source) ? basename(source, sourceExtension) : basename(source);
  const over = Buffer.byteLength(fill(stem)) + Buffer.byteLength(extension) + NUMBER_ROOM - NAME_BYTES;
  const name = fill(over > 0 ? shortened(stem, over) : stem);
  return join(options.output ?? dirname(source), name + extension);
}

function shortened(stem: string, over: number): string {
  const letters = [...stem];
  let bytes = Buffer.byteLength(stem);
  const wanted = bytes - over;
  while (letters.length > 0 && bytes > wanted) bytes -= Buffer.byteLength(letters.pop()!);
  if (letters.length > 0) return letters.join('');
  throw new FourfoldError(
    'name-too-long',
    'The name is too long for this disk. Nothing was written. Shorten the template.',
  );
}

function forbidden(character: string): FourfoldError {
  return new FourfoldError(
    'name-forbidden',
    `The template contains a forbidden character: “${character}”. Nothing was written. Remove it.`,
    { params: { character } },
  );
}
