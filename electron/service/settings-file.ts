import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { DEFAULT_SETTINGS, type Settings, SettingsSchema } from '../contract.ts';
import { systemCode } from '../engine/errors.ts';

export interface ReadSettings {
  readonly settings: Settings;
  /** The file could not be read; it was kept under this name and defaults apply. */
  readonly bad?: string;
}

/** Settings from anything: each wrong or missing entry is replaced by its default, so that an older file stays good. */
export function settingsFrom(value: unknown): Settings {
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const entries = Object.entries(SettingsSchema.entries).map(([name, schema]) => {
    const parsed = v.safeParse(schema as v.GenericSchema, given[name]);
    return [name, parsed.success ? parsed.output : DEFAULT_SETTINGS[name as keyof Settings]];
  });
  return Object.fromEntries(entries) as Settings;
}

/** Reads the file; one that is no JSON object is put aside as `settings.bad` beside it rather than overwritten. */
export function readSettings(path: string): ReadSettings {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { settings: DEFAULT_SETTINGS };
    return { settings: DEFAULT_SETTINGS, bad: path };
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not an object');
    return { settings: settingsFrom(value) };
  } catch {
    const bad = join(dirname(path), 'settings.bad');
    try {
      renameSync(path, bad);
    } catch {}
    return { settings: DEFAULT_SETTINGS, bad };
  }
}

/** Writes beside and renames, so that a crash leaves the old or the new settings, never half. */
export function writeSettings(path: string, settings: Settings): void {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify(settings, null, 2)}\n`);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
