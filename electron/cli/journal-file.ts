import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stateHome } from '../engine/user-folders.ts';
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
  const folder = join(process.env.FOURFOLD_STATE || stateHome(), 'albums');
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    report.notice(`${folder} cannot be written to, so this run could not be gone on with after a stop.`);
    return undefined;
  }
}
