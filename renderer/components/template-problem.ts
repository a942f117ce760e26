import { i18n } from '../i18n/i18n.svelte.ts';

/** What no file system of the three takes in a name. */
const FORBIDDEN = /[<>:"|?*\\/]/;

/** Why a name template cannot be used, in words; empty when it can. */
export function templateProblem(template: string): string {
  if (template.trim() === '') return i18n.t.export.emptyName;
  const character = FORBIDDEN.exec(template)?.[0];
  return character ? i18n.t.export.forbidden(character) : '';
}
