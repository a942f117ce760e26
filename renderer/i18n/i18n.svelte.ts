import type { Finding, PlainError } from '../../electron/contract.ts';
import { bytesIn } from './bytes.ts';
import type { Catalogue } from './english.ts';
import { LANGUAGES, type Language, languageFor } from './languages.ts';

/** The words on screen. `t` is the catalogue of the language in use. */
export class I18n {
  language = $state<Language>('en');
  readonly t: Catalogue = $derived(LANGUAGES[this.language]);

  constructor(language: Language = languageFor(globalThis.navigator?.languages ?? [])) {
    this.language = language;
  }

  /** `system` follows the browser's or the operating system's list. */
  choose(wanted: Language | 'system'): void {
    this.language = wanted === 'system' ? languageFor(navigator.languages) : wanted;
  }

  /** An error in the reader's language: English keeps the engine's own sentence, which knows the most. */
  sentence(error: PlainError): string {
    if (this.language === 'en' && error.sentence) return error.sentence;
    return this.t.errors[error.code](error.params ?? {});
  }

  /** What was found out about a device, in the reader's language; in English it is said already. */
  findings(found: readonly Finding[]): string {
    const say = ({ code, sentence, params }: Finding) => this.t.findings?.[code](params ?? {}) ?? sentence;
    return this.t.sentences(found.map(say));
  }

  bytes(count: number): string {
    return bytesIn(this.t.formatNumber, count);
  }

  /** Megapixels, one digit below ten. */
  megapixels(pixels: number): string {
    const value = pixels / 1e6;
    return `${this.t.formatNumber(value, value < 10 ? 1 : 0)} MP`;
  }
}

export const i18n = new I18n();
