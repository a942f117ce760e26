import { type Catalogue, english } from './english.ts';
import { traditionalChinese } from './traditional-chinese.ts';

export const LANGUAGES = { en: english, 'zh-Hant': traditionalChinese } as const satisfies Record<string, Catalogue>;
export type Language = keyof typeof LANGUAGES;

/** The language for a list of the system's, by preference. Every Chinese reads the Traditional catalogue: we have one. */
export function languageFor(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const base = tag.toLowerCase().split('-')[0];
    if (base === 'zh') return 'zh-Hant';
    if (base === 'en') return 'en';
  }
  return 'en';
}
