import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes what `isLeftover` names out of a folder. What may not be listed or taken away stays: it may be another user's, in a
 * folder that is shared, and must not stop the work that comes after.
 */
export function clearFolder(
  folder: string,
  isLeftover: (name: string) => boolean,
  { recursive = false }: { readonly recursive?: boolean } = {},
): void {
  for (const name of namesIn(folder)) {
    if (!isLeftover(name)) continue;
    try {
      rmSync(join(folder, name), { recursive, force: true });
    } catch {}
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
