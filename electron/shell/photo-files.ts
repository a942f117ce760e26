import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

/** Endings the dialogs offer and the installers associate; what a file really is, its content decides. */
export const PHOTO_EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp', 'tif', 'tiff', 'avif', 'gif'] as const;

/**
 * The photos and folders among a command line's arguments ("open with", or dropped onto the program's icon).
 * @param argv without the program, e.g. `process.argv.slice(1)`
 * @param cwd the folder it was called in, for relative names
 */
export function pathsOf(argv: readonly string[], cwd: string): string[] {
  const paths = argv
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => (isAbsolute(argument) ? argument : resolve(cwd, argument)));
  // Chromium adds arguments of its own, and `electron .` has the program's folder: only what exists counts.
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined);
}
