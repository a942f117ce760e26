import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { EnhanceArguments } from './arguments.ts';

/** One journal for each distinct command. */
export function journalName(paths: readonly string[], options: EnhanceArguments): string {
  const { output, blend, scale, format, quality, metadata, ifExists, recursive } = options;
  const command = { paths: paths.map((path) => resolve(path)), output: output && resolve(output) };
  const rest = { blend, scale, format, quality, metadata, ifExists, recursive };
  return `${createHash('sha256')
    .update(JSON.stringify([command, rest]))
    .digest('hex')
    .slice(0, 16)}.jsonl`;
}

/** The folder for journals, made; undefined (and said) where the user may not write one. `FOURFOLD_STATE` names another. */
export function stateFolder(report: { notice(text: string): void }): string | undefined {
  const { FOURFOLD_STATE, XDG_STATE_HOME, LOCALAPPDATA } = process.env;
  const usual =
    process.platform === 'win32'
      ? join(LOCALAPPDATA ?? tmpdir(), 'Fourfold')
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Application Support', 'Fourfold')
        : join(XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'fourfold');
  const folder = join(FOURFOLD_STATE ?? usual, 'albums');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    report.notice(`${folder} cannot be written to, so this run could not be gone on with after a stop.`);
    return undefined;
  }
}
