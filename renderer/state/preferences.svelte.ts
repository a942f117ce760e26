import type {
  Capabilities,
  DeviceChoice,
  DeviceState,
  Hello,
  PlainError,
  PrecisionChoice,
  Settings,
} from '../../electron/contract.ts';
import type { Connection } from '../client.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import { languageFor } from '../i18n/languages.ts';
import type { KeyOverrides } from '../keyboard/shortcuts.ts';

/** Settings and device: what the user chose, and what really runs. */
export class Preferences {
  settings = $state.raw<Settings>()!;
  device = $state.raw<DeviceState>()!;
  /** The one in force, whoever chose it. */
  theme = $state<'light' | 'dark'>('dark');
  readonly version: string;
  readonly capabilities: Capabilities;
  readonly mac: boolean;
  readonly #connection: Connection;
  readonly #locale: string;

  constructor(connection: Connection, hello: Hello) {
    this.#connection = connection;
    this.#locale = hello.locale;
    this.settings = hello.settings;
    this.device = hello.device;
    this.version = hello.version;
    this.capabilities = hello.capabilities;
    this.mac = hello.platform === 'darwin' || /Mac/.test(globalThis.navigator?.platform ?? '');
    connection.onEvent('settings.changed', (settings) => this.#use(settings));
    connection.onEvent('device.changed', (device) => {
      this.device = device;
    });
    this.#use(hello.settings);
  }

  get overrides(): KeyOverrides {
    const entries = Object.entries(this.settings.shortcuts).map(([action, key]) => [action, key ?? '']);
    return Object.fromEntries(entries) as KeyOverrides;
  }

  /** Shown at once, kept by the service; the old values come back if it refuses. */
  async set(change: Partial<Settings>): Promise<void> {
    const before = this.settings;
    this.#use({ ...before, ...change });
    try {
      this.#use(await this.#connection.request('settings.set', change));
    } catch (error) {
      this.#use(before);
      throw error;
    }
  }

  async chooseDevice(device: DeviceChoice, precision: PrecisionChoice): Promise<void> {
    await this.#connection.request('device.choose', { device, precision });
  }

  useCpu(): Promise<void> {
    return this.chooseDevice('cpu', 'auto');
  }

  /** A wrong result is made again on the processor, as its sentence says, unless that is what was wrong. */
  mayHelpOnCpu({ code }: PlainError): boolean {
    return code === 'result-wrong' && this.device.kind !== 'cpu';
  }

  /** How a run on the chosen device went; `device` stays what really runs, and only the service tells that. */
  testDevice(): Promise<DeviceState> {
    const { device, precision } = this.settings;
    return this.#connection.request('device.test', { device, precision });
  }

  /** Follows theme and language; the document's own attributes carry them. */
  #use(settings: Settings): void {
    this.settings = settings;
    i18n.language =
      settings.language === 'system' ? languageFor([...navigator.languages, this.#locale]) : settings.language;
    document.documentElement.lang = i18n.t.tag;
    document.documentElement.dir = i18n.t.direction;
    const light = matchMedia('(prefers-color-scheme: light)').matches;
    this.theme = settings.theme === 'system' ? (light ? 'light' : 'dark') : settings.theme;
    document.documentElement.dataset.theme = this.theme;
  }

  /** Called when the system's theme changes. */
  followSystem(): void {
    this.#use(this.settings);
  }
}
