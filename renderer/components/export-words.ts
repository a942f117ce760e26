import type { Job } from '../../electron/contract.ts';
import { i18n } from '../i18n/i18n.svelte.ts';

/** How an export ended, in a sentence. */
export function endedWords({ state, file, name, error }: Job): string {
  const { t } = i18n;
  if (state === 'done') return t.export.done(file?.name ?? name);
  if (state === 'skipped') return t.export.skipped(file?.name ?? name);
  return state === 'failed' && error ? i18n.sentence(error) : t.export.cancelled;
}
