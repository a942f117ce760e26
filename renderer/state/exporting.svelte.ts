import type { Estimate, ExportSettings, Hello, Job, Photo, PlainError } from '../../electron/contract.ts';
import { type Connection, plainOf } from '../client.ts';
import type { Library } from './library.svelte.ts';
import type { Preferences } from './preferences.svelte.ts';

const ESTIMATE_MS = 100;
const KEEP_MS = 400;
/** Names the template gives are shown of this many photos. */
const EXAMPLES = 3;
const ENDED: ReadonlySet<Job['state']> = new Set(['done', 'skipped', 'failed', 'cancelled']);

/** The export panel: its settings, what they would cost, and the exports of single photos that run. */
export class Exporting {
  settings = $state.raw<ExportSettings>()!;
  /** The name's template as it stands in its field; one that cannot be used is not taken over. */
  template = $state('');
  estimate = $state.raw<Estimate | null>(null);
  jobs = $state.raw<readonly Job[]>([]);
  error = $state.raw<PlainError | null>(null);
  folderName = $state<string | null>(null);
  /** Existing files would be replaced, and whether they may be is not answered yet. */
  isAsking = $state(false);
  readonly running: Job | undefined = $derived(
    this.jobs.find((job) => job.state === 'running' || job.state === 'waiting'),
  );
  /** The newest one that ended, for "Saved IMG_1-4x.jpg"; nothing while another runs. */
  readonly ended: Job | undefined = $derived(
    this.running ? undefined : this.jobs.findLast((job) => ENDED.has(job.state)),
  );

  readonly #connection: Connection;
  readonly #library: Library;
  readonly #preferences: Preferences;
  #estimateTimer: ReturnType<typeof setTimeout> | undefined;
  #keepTimer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;
  /** Somebody said yes to replacing files in this destination. */
  #mayReplace = false;
  #answer = (_yes: boolean): void => {};

  /** What was refused to start, and with which settings: an estimate that is fine says nothing about that. */
  #refused: { readonly photo: string; readonly settings: ExportSettings } | null = null;

  constructor(connection: Connection, library: Library, preferences: Preferences, hello: Hello) {
    this.#connection = connection;
    this.#library = library;
    this.#preferences = preferences;
    this.settings = this.#possible(hello.settings.export);
    this.template = this.settings.template;
    this.jobs = hello.exports;
    connection.onEvent('export.changed', (job) => {
      this.jobs = this.jobs.some((each) => each.id === job.id)
        ? this.jobs.map((each) => (each.id === job.id ? job : each))
        : [...this.jobs, job];
    });
  }

  /** Another service took over: it knows no folder this one was given. */
  reset(hello: Hello): void {
    this.jobs = hello.exports;
    this.folderName = null;
    this.#mayReplace = false;
    const { beside } = this.#preferences.capabilities;
    if (this.settings.destination.kind === 'folder')
      this.settings = { ...this.settings, destination: { kind: beside ? 'beside' : 'host' } };
  }

  change(change: Partial<ExportSettings>): void {
    this.settings = { ...this.settings, ...change };
    if (change.ifExists || change.destination) this.#mayReplace = false;
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(
      () => void this.#preferences.set({ export: this.settings }).catch((error) => this.#fail(error)),
      KEEP_MS,
    );
  }

  rename(template: string): void {
    this.template = template;
    if (template.trim() !== '') this.change({ template });
  }

  async chooseFolder(): Promise<void> {
    const { grant } = await this.#connection.request('shell.chooseFolder');
    if (!grant) return;
    this.folderName = grant.name;
    this.change({ destination: { kind: 'folder', grant: grant.id } });
  }

  /** Asks what the current settings would cost; called by an effect whenever they or the photo change. */
  refresh(): void {
    clearTimeout(this.#estimateTimer);
    this.#estimateTimer = setTimeout(() => void this.#estimate(), ESTIMATE_MS);
  }

  async start(): Promise<void> {
    const photo = this.#library.current;
    // The key comes here too, where no disabled button stands before it.
    if (!photo || this.running || this.template.trim() === '') return;
    if (!(await this.confirmReplacing())) return;
    this.#library.settle();
    this.error = null;
    this.#refused = null;
    try {
      const job = await this.#connection.request('export.start', { photo: photo.id, settings: this.settings });
      if (!this.jobs.some((each) => each.id === job.id)) this.jobs = [...this.jobs, job];
    } catch (error) {
      this.#refused = { photo: photo.id, settings: this.settings };
      this.#fail(error);
    }
  }

  /** Whether an export may go on: where it replaces files that is asked, once for a choice. */
  async confirmReplacing(): Promise<boolean> {
    if (this.settings.ifExists !== 'overwrite' || this.#mayReplace) return true;
    if (this.isAsking) return false;
    this.isAsking = true;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  answerReplacing(yes: boolean): void {
    if (!this.isAsking) return;
    this.isAsking = false;
    this.#mayReplace = yes;
    this.#answer(yes);
  }

  async cancel(job: Job): Promise<void> {
    await this.#connection.request('export.cancel', { job: job.id });
  }

  async dismiss(job: Job): Promise<void> {
    this.jobs = this.jobs.filter((each) => each.id !== job.id);
    await this.#connection.request('export.dismiss', { job: job.id });
  }

  async showFile(file: string): Promise<void> {
    await this.#connection.request('shell.showFile', { file });
  }

  async #estimate(): Promise<void> {
    const photo = this.#library.current;
    const turn = ++this.#turn;
    if (photo?.state !== 'ready') {
      this.estimate = null;
      return;
    }
    try {
      const { settings } = this;
      const ask = (photos: string[]) => this.#connection.request('export.estimate', { photos, settings });
      // Of several photos it is the sum, so the examples are asked for apart.
      const examples = this.#examples(photo);
      const whole = ask([photo.id]);
      const [estimate, { names }] = await Promise.all([whole, examples.length > 1 ? ask(examples) : whole]);
      if (turn !== this.#turn) return;
      this.estimate = { ...estimate, names };
      if (this.#refused?.photo !== photo.id || this.#refused.settings !== this.settings) this.error = null;
    } catch (error) {
      if (turn === this.#turn) this.#fail(error);
    }
  }

  /** The photo and those after it, as many as names are shown of. */
  #examples(photo: Photo): string[] {
    const { ready } = this.#library;
    const at = ready.findIndex(({ id }) => id === photo.id);
    const turned = [...ready.slice(at), ...ready.slice(0, at)];
    return turned.slice(0, EXAMPLES).map(({ id }) => id);
  }

  /** "Beside the photo" needs a path the browser edition does not have. */
  #possible(settings: ExportSettings): ExportSettings {
    if (this.#preferences.capabilities.beside || settings.destination.kind !== 'beside') return settings;
    return { ...settings, destination: { kind: 'host' } };
  }

  #fail(error: unknown): void {
    this.error = plainOf(error);
  }
}
