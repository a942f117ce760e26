import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ErrorContext, FourfoldError, isCode, systemCode } from './errors.ts';

/** A system error met while reading a source, as words; anything that is none of these is given back unchanged. */
export function readingError(error: unknown, path: string): unknown {
  if (error instanceof FourfoldError) return error;
  const context = { path, cause: error };
  switch (systemCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new FourfoldError('source-missing', 'The photo has moved. Your settings are kept. Locate it.', context);
    case 'EACCES':
    case 'EPERM':
      return new FourfoldError(
        'source-unreadable',
        'No permission to read this file. Nothing changed. Allow access, then Retry.',
        context,
      );
    case 'ELOOP':
      return new FourfoldError(
        'source-unreadable',
        'This link leads round in a circle. Nothing changed. Choose the photo itself.',
        context,
      );
    case 'ENAMETOOLONG':
      return new FourfoldError(
        'name-too-long',
        'The name is too long for this disk. Nothing was read. Move the photo to a shorter path.',
        context,
      );
    default:
      return driveError(error, path) ?? error;
  }
}

/**
 * As `readingError`, with a bad sector told from a drive that is gone: the first is this photo's own, and those beside it
 * can still be read.
 * @param name what to open, where `path` is no true name
 */
export async function sourceError(error: unknown, path: string, name: string | Buffer = path): Promise<unknown> {
  const told = readingError(error, path);
  if (!isCode(told, 'drive-gone') || !(await canBeListed(dirname(path))) || (await readsWhole(name))) return told;
  return new FourfoldError(
    'damaged',
    'The disk cannot read this photo whole. It was not changed. Copy it again from the camera or a backup.',
    { path, cause: error },
  );
}

function canBeListed(folder: string): Promise<boolean> {
  return readdir(folder).then(
    () => true,
    () => false,
  );
}

async function readsWhole(name: string | Buffer): Promise<boolean> {
  try {
    for await (const _ of createReadStream(name));
    return true;
  } catch {
    return false;
  }
}

/** A system error met while writing, as words; anything that is none of these is given back unchanged. */
export function writingError(error: unknown, path: string): unknown {
  if (error instanceof FourfoldError) return error;
  const context = { path, cause: error };
  switch (systemCode(error) ?? codeInWords(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new FourfoldError(
        'disk-full',
        'The disk is full. Finished files are intact; nothing half written was left. Free some space, then Resume.',
        context,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EEXIST':
    case 'EISDIR':
    case 'ENOTDIR':
    case 'ENOENT':
    case 'ELOOP':
    case 'EBUSY':
      return new FourfoldError(
        'target-unwritable',
        'Cannot write to this folder. Finished work is kept. Choose another.',
        context,
      );
    case 'ENAMETOOLONG':
      return new FourfoldError(
        'name-too-long',
        'The name is too long for this disk. Nothing was written. Shorten the template.',
        context,
      );
    case 'EILSEQ':
      return nameForbidden(context);
    case 'EINVAL':
      return namesAFile(error) ? nameForbidden(context) : error;
    default:
      return driveError(error, path) ?? error;
  }
}

function nameForbidden(context: ErrorContext): FourfoldError {
  return new FourfoldError(
    'name-forbidden',
    'The name has a character that this disk forbids. Nothing was written. Choose another name or disk.',
    context,
  );
}

/** FAT gives EINVAL for a forbidden character, but other calls give it for quite other things. */
function namesAFile(error: unknown): boolean {
  const { syscall } = error as { readonly syscall?: unknown };
  return syscall === 'open' || syscall === 'mkdir' || syscall === 'link' || syscall === 'rename';
}

/** What a disk gives that was taken away, and a network disk whose server does not answer. */
const GONE = new Set(['EIO', 'ENXIO', 'ENODEV', 'ESTALE', 'ETIMEDOUT', 'ENOTCONN', 'EHOSTDOWN']);

/** The disk itself is at fault, reading or writing. */
function driveError(error: unknown, path: string): FourfoldError | undefined {
  if (!GONE.has(systemCode(error) ?? codeInWords(error) ?? '')) return undefined;
  return new FourfoldError(
    'drive-gone',
    'The drive was disconnected. Finished files are intact. Reconnect, then Resume.',
    { path, cause: error },
  );
}

/** libvips hands system errors on as text. */
function codeInWords(error: unknown): string | undefined {
  const words = error instanceof Error ? error.message : '';
  if (/No space left on device/i.test(words)) return 'ENOSPC';
  if (/Disk quota exceeded/i.test(words)) return 'EDQUOT';
  if (/File too large/i.test(words)) return 'EFBIG';
  if (/Permission denied/i.test(words)) return 'EACCES';
  if (/Read-only file system/i.test(words)) return 'EROFS';
  if (/No such file or directory/i.test(words)) return 'ENOENT';
  if (/Input\/output error/i.test(words)) return 'EIO';
  return undefined;
}
