import { basename, join } from 'node:path';
import type { Capabilities, PlainError, Settings } from '../contract.ts';
import { FourfoldError, toPlainError } from '../engine/errors.ts';
import { writingError } from '../engine/file-errors.ts';
import { readSettings, settingsFrom, writeSettings } from './settings-file.ts';

export interface SettingsDeskOptions {
  readonly stateDir: string;
  readonly capabilities: Capabilities;
  readonly settings?: { readonly initial: unknown; readonly bad?: boolean };
}

export interface SettingsNews {
  readonly onChange: (settings: Settings) => void;
  /** The file cannot be written, told once; undefined: it can again. */
  readonly onFault: (error: PlainError | undefined) => void;
}

/** The settings of this run, kept in a file (or by the shell, which hears of every change). */
export class SettingsDesk {
  readonly #file: string | undefined;
  readonly #news: SettingsNews;
  #isKept = true;
  #value: Settings;
  /** Set when the kept settings could not be read. */
  readonly bad: PlainError | undefined;

  constructor({ stateDir, capabilities, settings }: SettingsDeskOptions, news: SettingsNews) {
    this.#news = news;
    this.#file = settings ? undefined : join(stateDir, 'settings.json');
    const read = settings
      ? { settings: settingsFrom(settings.initial), bad: settings.bad ? 'settings.bad' : undefined }
      : readSettings(this.#file!);
    this.#value = atHome(read.settings, capabilities);
    this.bad = read.bad === undefined ? undefined : unreadable(read.bad);
  }

  get value(): Settings {
    return this.#value;
  }

  get cacheLimits(): { memoryBytes: number; diskBytes: number } {
    const { memoryCacheMiB, diskCacheMiB } = this.#value;
    return { memoryBytes: memoryCacheMiB * 2 ** 20, diskBytes: diskCacheMiB * 2 ** 20 };
  }

  /** What is chosen holds for this run also when it cannot be written. */
  change(change: { readonly [Name in keyof Settings]?: Settings[Name] | undefined }): Settings {
    const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
    this.#value = { ...this.#value, ...given };
    if (this.#file !== undefined) this.#keep(this.#file);
    this.#news.onChange(this.#value);
    return this.#value;
  }

  #keep(file: string): void {
    let fault: PlainError | undefined;
    try {
      writeSettings(file, this.#value);
    } catch (error) {
      fault = { ...toPlainError(writingError(error, file)), path: basename(file) };
    }
    const isKept = fault === undefined;
    if (isKept !== this.#isKept) this.#news.onFault(fault);
    this.#isKept = isKept;
  }
}

/** A folder chosen in an earlier run is not granted in this one, and the browser edition has only its own. */
function atHome(settings: Settings, { beside }: Capabilities): Settings {
  const { kind } = settings.export.destination;
  if (kind === (beside ? 'beside' : 'host')) return settings;
  const destination = beside ? ({ kind: 'beside' } as const) : ({ kind: 'host' } as const);
  return { ...settings, export: { ...settings.export, destination } };
}

function unreadable(path: string): PlainError {
  return new FourfoldError(
    'settings-unreadable',
    'Settings could not be read. The old file was kept as settings.bad; defaults apply. Check Settings.',
    { path },
  ).toPlain();
}
