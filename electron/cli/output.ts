import { type Stats, statSync } from 'node:fs';
import { basename, extname, resolve } from 'node:path';
import { FourfoldError } from '../engine/errors.ts';
import { writingError } from '../engine/file-errors.ts';
import { formatOfExtension, OUTPUT_FORMATS, type OutputFormat, outputFormatFor } from '../engine/output/formats.ts';
import type { EnhanceArguments } from './arguments.ts';

/** Where results go: one file, or a folder. */
export interface Output {
  readonly path: string;
  readonly is: 'file' | 'folder';
}

/**
 * A name with a picture's extension is a file, everything else a folder; an existing folder stays one.
 * @throws FourfoldError `wrong-use`; `target-unwritable` or `name-too-long` where nothing can be
 */
export function readOutput(paths: readonly string[], { output, format }: EnhanceArguments): Output | undefined {
  if (output === undefined) return undefined;
  const path = resolve(output);
  const existing = look(path);
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

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writingError(error, path);
  }
}

/**
 * Refuses the photo's own format for a file whose name promises another.
 * @throws FourfoldError `wrong-use`
 */
export function checkSame({ path, is }: Output, source: string): void {
  const own = formatOfExtension(source);
  if (is === 'folder' || (own && outputFormatFor(own, 'same') === outputFormatOf(path))) return;
  throw wrongUse(
    `--format same and --output ${basename(path)} contradict each other for ${basename(source)}. Leave one out.`,
  );
}

export function outputFormatOf(path: string): OutputFormat | undefined {
  const format = formatOfExtension(path);
  return OUTPUT_FORMATS.find((known) => known === format);
}

export function wrongUse(sentence: string): FourfoldError {
  return new FourfoldError('wrong-use', sentence);
}
