import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Endings the dialogs offer and the installers associate; what a file really is, its content decides. */
export const PHOTO_EXTENSIONS = ['jpg', 'jpeg', 'png', 'webp', 'tif', 'tiff', 'avif', 'gif'] as const;

/**
 * The photos and folders among a command line's arguments ("open with", or dropped onto the program's icon).
 * @param argv without the program, e.g. `process.argv.slice(1)`
 * @param cwd the folder it was called in, for relative names
 * @param own the program's own folder, which `electron <folder> photos…` names while developing
 */
export function pathsOf(argv: readonly string[], cwd: string, own?: string): string[] {
  const paths = argv
    .filter((argument) => argument !== '' && !argument.startsWith('-'))
    .map((argument) => resolve(cwd, pathIn(argument)));
  // Chromium adds arguments of its own: only what exists counts.
  return paths.filter((path) => path !== own && statSync(path, { throwIfNoEntry: false }) !== undefined);
}

/** Linux' file managers hand addresses over: `file:///home/me/a%20b.jpg`. One that is none names no file. */
function pathIn(argument: string): string {
  if (!/^file:\/\//i.test(argument)) return argument;
  try {
    return fileURLToPath(argument);
  } catch {
    return argument;
  }
}
