/**
 * Everything that crosses a process: requests, results and events as types, and the run-time check of every incoming
 * message. Three carriers bring it about (Electron IPC, WebSocket on 127.0.0.1, in-process); none adds to it.
 *
 *   page → service   { id, method, params }
 *   service → page   { id, result }  |  { id, error }  |  { event, data }
 *
 * Pixels go apart, as `GET /pixels/…` (see `pixelsUrl`). Lengths are source pixels unless said otherwise; blends are whole
 * numbers 0 (Faithful) … 100 (Crisp); times are seconds; a picture's pyramid level L is the 4× result halved L times, so
 * level 2 has the size of the source.
 */
import * as v from 'valibot';
import type { PlainError } from './engine/errors.ts';
import type { Finding } from './engine/finding.ts';

export type { PlainError } from './engine/errors.ts';
export type { Finding, FindingCode } from './engine/finding.ts';

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const Id = v.pipe(v.string(), v.regex(/^[\w-]{1,64}$/));
const Ids = v.pipe(v.array(Id), v.maxLength(100_000));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const Finite = v.pipe(v.number(), v.finite());
const Name = v.pipe(v.string(), v.maxLength(512));
const Blend = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100));
const Rect = v.strictObject({ x: Finite, y: Finite, width: Finite, height: Finite });
const Nothing = v.optional(v.strictObject({}), {});

export const DEVICES = ['auto', 'cuda', 'dml', 'coreml', 'webgpu', 'cpu'] as const;
export const PRECISIONS = ['auto', 'fp32', 'fp16', 'int8'] as const;
export const FORMATS = ['same', 'jpeg', 'png', 'webp', 'tiff', 'avif'] as const;
export const LANGUAGES = ['system', 'en', 'zh-Hant'] as const;
export const THEMES = ['system', 'light', 'dark'] as const;

export type ExportFormat = (typeof FORMATS)[number];
export type DeviceChoice = (typeof DEVICES)[number];
export type PrecisionChoice = (typeof PRECISIONS)[number];

const Size = v.variant('kind', [
  v.strictObject({ kind: v.literal('scale'), scale: v.picklist([2, 3, 4]) }),
  v.strictObject({ kind: v.literal('long-edge'), pixels: v.pipe(v.number(), v.integer(), v.minValue(16)) }),
  /** Long edge in centimetres at dots per inch. */
  v.strictObject({
    kind: v.literal('print'),
    centimetres: v.pipe(Finite, v.minValue(0.5), v.maxValue(10_000)),
    dpi: v.pipe(Finite, v.minValue(10), v.maxValue(2400)),
  }),
]);
const Destination = v.variant('kind', [
  v.strictObject({ kind: v.literal('beside') }),
  /** A folder the user chose, as a grant; the browser edition has one folder of its own, `{ kind: 'host' }`. */
  v.strictObject({ kind: v.literal('folder'), grant: Id }),
  v.strictObject({ kind: v.literal('host') }),
]);
const ExportSettingsSchema = v.strictObject({
  format: v.picklist(FORMATS),
  quality: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)),
  depth: v.picklist([8, 16]),
  size: Size,
  /** `{name}` `{blend}` `{date}` `{n}` `{w}` `{h}`, without extension. */
  template: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  destination: Destination,
  ifExists: v.picklist(['rename', 'skip', 'overwrite']),
  metadata: v.picklist(['keep', 'no-location', 'none']),
  /** Note the AI enhancement in XMP. */
  provenance: v.boolean(),
});
export type ExportSettings = v.InferOutput<typeof ExportSettingsSchema>;

/** Action name → key label (`event.key`) or null for none; unknown actions are kept but mean nothing. */
const Shortcuts = v.record(v.pipe(v.string(), v.maxLength(40)), v.nullable(v.pipe(v.string(), v.maxLength(40))));
const settingsEntries = {
  albumBlend: Blend,
  device: v.picklist(DEVICES),
  precision: v.picklist(PRECISIONS),
  /** Memory and disk the kept tiles may take, in MiB. */
  memoryCacheMiB: v.pipe(v.number(), v.integer(), v.minValue(32), v.maxValue(65_536)),
  diskCacheMiB: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_048_576)),
  wheel: v.picklist(['zoom', 'pan']),
  squarePixels: v.boolean(),
  theme: v.picklist(THEMES),
  language: v.picklist(LANGUAGES),
  /** Single-key shortcuts on at all (WCAG 2.1.4). */
  singleKeys: v.boolean(),
  shortcuts: Shortcuts,
  notifications: v.boolean(),
  keepAwake: v.boolean(),
  export: ExportSettingsSchema,
};
export const SettingsSchema = v.strictObject(settingsEntries);
export type Settings = v.InferOutput<typeof SettingsSchema>;

export const DEFAULT_SETTINGS: Settings = {
  albumBlend: 50,
  device: 'auto',
  precision: 'auto',
  memoryCacheMiB: 512,
  diskCacheMiB: 4096,
  wheel: 'zoom',
  squarePixels: true,
  theme: 'system',
  language: 'system',
  singleKeys: true,
  shortcuts: {},
  notifications: true,
  keepAwake: true,
  export: {
    format: 'same',
    quality: 92,
    depth: 8,
    size: { kind: 'scale', scale: 4 },
    template: '{name}-4x',
    destination: { kind: 'beside' },
    ifExists: 'rename',
    metadata: 'keep',
    provenance: true,
  },
};

export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
/** A file or folder the user handed over. The page holds the id and the name, never the path. */
export interface Grant {
  readonly id: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
}
export interface Note {
  readonly code: string;
  readonly sentence: string;
}
export interface Photo {
  readonly id: string;
  readonly name: string;
  /** Where in the dropped folder it lies, '' for a single file. */
  readonly folder: string;
  /** reading → ready | skipped (not a picture, too large, …: see `error`). */
  readonly state: 'reading' | 'ready' | 'skipped';
  readonly error?: PlainError;
  /** Present once ready; size upright. */
  readonly info?: {
    readonly format: string;
    readonly width: number;
    readonly height: number;
    readonly depth: 8 | 16;
    readonly hasAlpha: boolean;
    readonly colour: string;
    readonly bytes: number;
    readonly frames: number;
    readonly notes: readonly Note[];
  };
  /** Own blend, or null to follow the album default. */
  readonly blend: number | null;
  /** The exported files made of it in this session, newest last. */
  readonly files: readonly ExportedFile[];
}
/** What the viewer needs to lay tiles out. */
export interface OpenedPhoto {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Enhanced, bicubic and invented-detail tiles: `edge` source px, `columns` × `rows` of them, the last ones cut. */
  readonly tiles: { readonly edge: number; readonly columns: number; readonly rows: number };
  /** The source pyramid: level 2 is the source itself, each next is half (rounded up); tiles of `edge` px of that level. */
  readonly source: {
    readonly edge: number;
    readonly levels: readonly { readonly level: number; readonly width: number; readonly height: number }[];
  };
  readonly notes: readonly Note[];
}
export interface ExportedFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  /** Browser edition: where the page may download it. */
  readonly download?: string;
}
export interface ViewAnswer {
  readonly number: number;
  /** Tiles the view needs at its blends, and how many of them are kept already. */
  readonly total: number;
  readonly done: number;
  /** For the missing ones; null while the rate is not measured. */
  readonly seconds: number | null;
  /** False: waiting for `enhance: 'always'` ("Enhance this view (about 18 s)"). */
  readonly started: boolean;
}
export const JOB_STATES = ['waiting', 'running', 'paused', 'done', 'skipped', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];
export type Stage = 'decode' | 'network' | 'encode' | 'verify' | 'place';
export interface Job {
  readonly id: string;
  readonly photo: string;
  readonly name: string;
  readonly folder: string;
  readonly width: number;
  readonly height: number;
  readonly blend: number;
  readonly state: JobState;
  readonly stage?: Stage;
  /** 0…1. */
  readonly progress: number;
  readonly secondsLeft: number | null;
  readonly error?: PlainError;
  readonly file?: ExportedFile;
  /** What really ran, e.g. "CPU", "int8". */
  readonly device?: string;
  readonly precision?: string;
  readonly notes: readonly Note[];
}
export type JobCounts = Readonly<Record<JobState, number>> & { readonly total: number };
export interface Album {
  readonly state: 'idle' | 'running' | 'paused';
  /** Why the queue paused itself (disk full, drive gone, device lost). */
  readonly pausedBy?: PlainError;
  readonly counts: JobCounts;
  readonly secondsLeft: number | null;
}
/** What a former run left behind. */
export interface Recovery {
  /** True: it was closed in order, with the album unfinished. Else it crashed, was killed, or the power went. */
  readonly inOrder?: boolean;
  readonly done: number;
  readonly total: number;
  readonly startedMs: number;
  readonly rows: readonly { readonly name: string; readonly state: JobState }[];
}
export interface Estimate {
  readonly width: number;
  readonly height: number;
  readonly seconds: number | null;
  /** Share of the tiles that are kept already, 0…1. */
  readonly enhanced: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
  readonly diskBytes: number;
  readonly freeDiskBytes: number | null;
  readonly fileBytes: number;
  /** True: the file size is a per-format average. */
  readonly rough: boolean;
  /** Up to three names the template gives. */
  readonly names: readonly string[];
  /** Each format, with the reason where it is impossible. */
  readonly formats: readonly { readonly format: ExportFormat; readonly problem?: PlainError }[];
  /** Non-empty: Export is disabled, for these reasons. */
  readonly problems: readonly PlainError[];
}
export interface DeviceState {
  readonly state: 'measuring' | 'ready' | 'warning';
  /** What really runs, never what was asked for. */
  readonly kind: Exclude<DeviceChoice, 'auto'>;
  readonly name: string;
  readonly precision: Exclude<PrecisionChoice, 'auto'>;
  /** Measured source px a second; null until measured. */
  readonly rate: number | null;
  readonly memoryBytes: number | null;
  /** Why this one; nothing where nothing runs. */
  readonly why: readonly Finding[];
  /** What went wrong. After a fall-back its params `device` (name) and `kind` say of what; the fields above what took over. */
  readonly error?: PlainError;
  /** What there is; `note` says why one is not available, or how fast it is. */
  readonly devices: readonly {
    readonly kind: DeviceChoice;
    readonly name: string;
    readonly available: boolean;
    readonly note: Finding | null;
  }[];
}
export interface Banner {
  readonly id: string;
  readonly error: PlainError;
  /** What the user may do about it. */
  readonly actions: readonly ('resume' | 'retry' | 'use-cpu' | 'locate' | 'reload' | 'settings')[];
}
export interface Recent {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
}
export interface Capabilities {
  readonly edition: 'electron' | 'browser' | 'test';
  /** Native dialogs: `shell.openPhotos`, `shell.openFolder`, `shell.chooseFolder`. */
  readonly dialogs: boolean;
  readonly showFile: boolean;
  readonly recent: boolean;
  readonly notifications: boolean;
  readonly keepAwake: boolean;
  readonly beside: boolean;
  /** Files are handed over by `POST /upload?name=…&folder=…`, answered by a Grant. */
  readonly upload: boolean;
}
export interface Hello {
  readonly version: string;
  readonly platform: string;
  /** BCP 47 tag of the system, e.g. `zh-Hant-TW`. */
  readonly locale: string;
  readonly capabilities: Capabilities;
  readonly settings: Settings;
  readonly device: DeviceState;
  readonly photos: readonly Photo[];
  readonly exports: readonly Job[];
  readonly album: Album;
  readonly jobs: readonly Job[];
  readonly recovery: Recovery | null;
  readonly banners: readonly Banner[];
  /** Of the pair of weight sets, or `missing`. */
  readonly models: { readonly id: string };
}

// ── requests ────────────────────────────────────────────────────────────────────────────────────────────────────────

const ViewSchema = v.strictObject({
  photo: Id,
  /** Grows with every change of the view; smaller ones are stale. */
  number: Count,
  /** The visible part of the source. */
  region: Rect,
  /** The blends the panes show, most wanted first; empty: source and bicubic only. */
  blends: v.pipe(v.array(Blend), v.maxLength(4)),
  /** auto: start when it takes at most ten seconds. */
  enhance: v.picklist(['auto', 'always', 'off']),
  /** Fetch 0 and 100 too, after the blends, so that the next drag has something to fade (and the overlay its base). */
  ends: v.optional(v.boolean(), true),
  /** One ring around the view after that; off on battery. */
  ring: v.optional(v.boolean(), true),
  /** Before everything else, whatever `enhance` says. */
  loupe: v.optional(v.nullable(v.strictObject({ region: Rect, blends: v.pipe(v.array(Blend), v.maxLength(2)) })), null),
});
export type View = v.InferInput<typeof ViewSchema>;

/** What the page may ask of the service. */
export const PAGE_METHODS = {
  'app.hello': Nothing,
  'banner.dismiss': v.strictObject({ banner: Id }),

  /** Folders are walked; photos come back at once as `reading`, then `photo.changed`. */
  'photos.open': v.strictObject({ grants: Ids }),
  'photos.list': Nothing,
  'photos.close': v.strictObject({ photos: Ids }),
  /** Decodes it for the viewer; few stay decoded at a time, so ask again when coming back. */
  'photo.show': v.strictObject({ photo: Id }),
  'recent.list': Nothing,
  'recent.open': v.strictObject({ recent: Id }),
  'recent.clear': Nothing,

  'view.set': ViewSchema,
  /** No view any more: nothing is made for the viewer until the next `view.set`. */
  'view.clear': Nothing,

  'blend.set': v.strictObject({ photos: Ids, value: v.nullable(Blend) }),
  'blend.album': v.strictObject({ value: Blend }),
  'blend.undo': Nothing,
  'blend.redo': Nothing,

  'export.estimate': v.strictObject({ photos: Ids, settings: ExportSettingsSchema }),
  'export.start': v.strictObject({ photo: Id, settings: ExportSettingsSchema }),
  'export.cancel': v.strictObject({ job: Id }),
  'export.dismiss': v.strictObject({ job: Id }),

  /**
   * Adds and starts; may be called while it runs. What is unfinished with these very settings already is not added again:
   * its row is answered.
   */
  'album.add': v.strictObject({ photos: Ids, settings: ExportSettingsSchema }),
  'album.list': Nothing,
  'album.pause': Nothing,
  'album.resume': Nothing,
  /** Without jobs: everything unfinished. Finished files stay. */
  'album.cancel': v.strictObject({ jobs: v.optional(Ids) }),
  /** Without jobs: every failed one. */
  'album.retry': v.strictObject({ jobs: v.optional(Ids) }),
  /** Takes the ended rows off the list. */
  'album.clear': Nothing,
  'album.recover': v.strictObject({ choice: v.picklist(['resume', 'discard']) }),

  'device.choose': v.strictObject({ device: v.picklist(DEVICES), precision: v.picklist(PRECISIONS) }),
  /** Runs a probe tile and measures. */
  'device.test': v.strictObject({ device: v.picklist(DEVICES), precision: v.picklist(PRECISIONS) }),

  'settings.set': v.partial(v.strictObject(settingsEntries)),
  'cache.size': Nothing,
  'cache.clear': Nothing,
} as const;

/** What the page may ask of the shell; the browser edition answers `wrong-use` (see Capabilities). */
export const SHELL_METHODS = {
  'shell.openPhotos': Nothing,
  'shell.openFolder': Nothing,
  /** For exports. */
  'shell.chooseFolder': Nothing,
  /** An exported file, or a photo's source. */
  'shell.showFile': v.strictObject({ file: Id }),
} as const;

/** What only the owner of the service (shell or host) may ask; refused when it comes from a page. */
export const OWNER_METHODS = {
  'grants.add': v.strictObject({
    files: v.array(v.strictObject({ path: v.string(), name: v.optional(Name), folder: v.optional(Name) })),
    /** chosen: a folder to write to, read or both. */
    use: v.picklist(['read', 'write']),
  }),
  /** Where an exported file or a photo lies. */
  'files.path': v.strictObject({ file: Id }),
  /** Pauses the album after the running tile, closes everything. */
  'service.close': Nothing,
} as const;

export interface Results {
  'app.hello': Hello;
  'banner.dismiss': null;
  'photos.open': { photos: Photo[] };
  'photos.list': { photos: Photo[] };
  'photos.close': null;
  'photo.show': OpenedPhoto;
  'recent.list': { recent: Recent[] };
  'recent.open': { photos: Photo[] };
  'recent.clear': null;
  'view.set': ViewAnswer;
  'view.clear': null;
  'blend.set': null;
  'blend.album': null;
  /** The photos whose blend changed back; null: nothing to undo. */
  'blend.undo': { photos: string[] } | null;
  'blend.redo': { photos: string[] } | null;
  'export.estimate': Estimate;
  'export.start': Job;
  'export.cancel': null;
  'export.dismiss': null;
  'album.add': { jobs: Job[] };
  'album.list': { album: Album; jobs: Job[] };
  'album.pause': null;
  'album.resume': null;
  'album.cancel': null;
  'album.retry': null;
  'album.clear': null;
  'album.recover': null;
  'device.choose': DeviceState;
  'device.test': DeviceState;
  'settings.set': Settings;
  'cache.size': { memoryBytes: number; diskBytes: number };
  'cache.clear': null;
  'shell.openPhotos': { grants: Grant[] };
  'shell.openFolder': { grants: Grant[] };
  'shell.chooseFolder': { grant: Grant | null };
  'shell.showFile': null;
  'grants.add': { grants: Grant[] };
  'files.path': { path: string };
  'service.close': null;
}

export interface Events {
  'photo.changed': Photo;
  /** A tile of the photo at hand was made; fetch it when shown. */
  tile: { readonly photo: string; readonly blend: number; readonly column: number; readonly row: number };
  /** After every tile of the view, and when the view is complete. `total` counts the blends shown, not ends and ring. */
  view: {
    readonly photo: string;
    readonly number: number;
    readonly done: number;
    readonly total: number;
    readonly seconds: number | null;
    readonly error?: PlainError;
  };
  /** The list after files were opened or it was cleared, by the page or by the shell's menu. */
  'recent.changed': readonly Recent[];
  'settings.changed': Settings;
  'device.changed': DeviceState;
  'export.changed': Job;
  /** Counts are those after `jobs` changed. */
  'album.changed': { readonly album: Album; readonly jobs: readonly Job[]; readonly removed?: readonly string[] };
  'album.recovery': Recovery | null;
  /** The service died and another took its place: same photos, nothing decoded. Ask `app.hello`, show and view again. */
  restarted: null;
  banners: readonly Banner[];
  /** The shell's menu and open-with, for the page. */
  'shell.command': { readonly command: string };
  'shell.opened': { readonly grants: readonly Grant[] };
}

export type PageMethod = keyof typeof PAGE_METHODS;
export type ShellMethod = keyof typeof SHELL_METHODS;
export type OwnerMethod = keyof typeof OWNER_METHODS;
export type Method = PageMethod | ShellMethod | OwnerMethod;
type Schemas = typeof PAGE_METHODS & typeof SHELL_METHODS & typeof OWNER_METHODS;
/** What a caller passes (defaults may be left out). */
export type Params<M extends Method> = v.InferInput<Schemas[M]>;
/** What the service gets, checked, defaults filled in. */
export type Checked<M extends Method> = v.InferOutput<Schemas[M]>;

// ── messages ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface RequestMessage {
  readonly id: number;
  readonly method: string;
  readonly params?: unknown;
}
export type AnswerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: PlainError };
export type EventMessage = { [E in keyof Events]: { readonly event: E; readonly data: Events[E] } }[keyof Events];

const RequestSchema = v.strictObject({
  id: Count,
  method: v.pipe(v.string(), v.maxLength(64)),
  params: v.optional(v.unknown()),
});

/** Throws valibot's error when it is no request at all. */
export function checkRequest(message: unknown): RequestMessage {
  return v.parse(RequestSchema, message) as RequestMessage;
}

/** The checked parameters, or the reason they are refused as a sentence. */
export function checkParams(
  method: string,
  params: unknown,
  from: 'page' | 'owner',
): { value: unknown } | { wrong: string } {
  const schemas: Record<string, v.GenericSchema> =
    from === 'owner' ? { ...PAGE_METHODS, ...SHELL_METHODS, ...OWNER_METHODS } : { ...PAGE_METHODS, ...SHELL_METHODS };
  const schema = Object.hasOwn(schemas, method) ? schemas[method] : undefined;
  if (!schema) return { wrong: `Expected a known method but received ${JSON.stringify(method)}` };
  const parsed = v.safeParse(schema, params);
  if (parsed.success) return { value: parsed.output };
  const issue = parsed.issues[0];
  return { wrong: `${method}: ${v.getDotPath(issue) ?? 'parameters'}: ${issue.message}` };
}

// ── pixels ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * `GET /pixels/<kind>?…`, answered at once: 200, or 404 where the tile is not made yet (an event `tile` will tell).
 *
 * thumbnail, preview: an encoded picture (webp or jpeg) no larger than `edge` px, in sRGB, upright.
 * source: level ≥ 2, tiles of `OpenedPhoto.source.edge` px of that level.
 * bicubic: levels 0 and 1; enhanced: levels 0, 1 and 2; tiles of `OpenedPhoto.tiles.edge` source px, so
 *   edge · 4 / 2^level px.
 * These three: `application/octet-stream`, RGBA 8 bit, straight alpha; headers `x-width`, `x-height` and `x-space`, for `new
 *   ImageData(new Uint8ClampedArray(body), width, { colorSpace })`. `x-space` is `srgb` for any sRGB photo whatever was
 *   asked, because those pixels are handed out untouched; others come in the `space` asked for.
 * invented: two bytes a source pixel (x-width, x-height = the tile's size in source px): first |shown − Faithful| in luma
 *   averaged over the 4×4 result pixels, then how far the shown result, averaged back over 4×4, is from the source.
 *   404 until both the blend and Faithful are made.
 */
export type PixelAddress =
  | { kind: 'thumbnail' | 'preview'; photo: string; edge: number }
  | { kind: 'source' | 'bicubic'; photo: string; level: number; column: number; row: number; space?: ViewSpace }
  | { kind: 'enhanced'; photo: string; level: number; column: number; row: number; blend: number; space?: ViewSpace }
  | { kind: 'invented'; photo: string; column: number; row: number; blend: number };
export type ViewSpace = 'srgb' | 'display-p3';

const Integer = v.pipe(v.string(), v.regex(/^\d{1,7}$/), v.transform(Number));
const Space = v.optional(v.picklist(['srgb', 'display-p3']), 'srgb');
const place = { photo: Id, column: Integer, row: Integer };
const Edge = v.pipe(Integer, v.minValue(16), v.maxValue(4096));
const AddressSchema = v.variant('kind', [
  v.strictObject({ kind: v.picklist(['thumbnail', 'preview']), photo: Id, edge: Edge }),
  v.strictObject({
    kind: v.literal('source'),
    ...place,
    level: v.pipe(Integer, v.minValue(2), v.maxValue(30)),
    space: Space,
  }),
  v.strictObject({ kind: v.literal('bicubic'), ...place, level: v.pipe(Integer, v.maxValue(1)), space: Space }),
  v.strictObject({
    kind: v.literal('enhanced'),
    ...place,
    level: v.pipe(Integer, v.maxValue(2)),
    blend: v.pipe(Integer, v.maxValue(100)),
    space: Space,
  }),
  v.strictObject({ kind: v.literal('invented'), ...place, blend: v.pipe(Integer, v.maxValue(100)) }),
]);
export type CheckedAddress = v.InferOutput<typeof AddressSchema>;

/** Path and query of a pixel request, to be put behind the carrier's origin. */
export function pixelsUrl({ kind, ...query }: PixelAddress): string {
  return `/pixels/${kind}?${Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`)
    .join('&')}`;
}

/** The address in a request's URL, or undefined where it is none. */
export function parsePixelsUrl(url: URL): CheckedAddress | undefined {
  const kind = /^\/pixels\/([a-z]+)$/.exec(url.pathname)?.[1];
  const parsed = v.safeParse(AddressSchema, { kind, ...Object.fromEntries(url.searchParams) });
  return parsed.success ? parsed.output : undefined;
}

// ── the service, as its carriers see it ─────────────────────────────────────────────────────────────────────────────

export interface Service {
  /** Answers any message; never rejects. Only the owner (shell, host) may call methods of OWNER_METHODS. */
  answer(message: unknown, from: 'page' | 'owner'): Promise<AnswerMessage>;
  /** Returns the way to stop listening. */
  onEvent(listener: (message: EventMessage) => void): () => void;
  /** `GET /pixels/…`; only path and query of the URL matter. */
  pixels(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** Typed calls for whoever holds a request function (tests, renderer, shell). */
export interface Client {
  request<M extends Method>(
    method: M,
    ...params: undefined extends Params<M> ? [Params<M>?] : [Params<M>]
  ): Promise<Results[M]>;
  onEvent<E extends keyof Events>(event: E, listener: (data: Events[E]) => void): () => void;
}

/** What became of files that were handed over: a grant for each that was taken, and why not, where one was refused. */
export interface Granted {
  readonly grants: readonly Grant[];
  /** Of the first that was refused. */
  readonly error?: PlainError;
}

/**
 * What the shell's preload gives the page as `window.fourfold` (Electron), and the renderer's own client does over
 * WebSocket (browser): messages as they are, and files turned into grants.
 */
export interface Bridge {
  send(message: RequestMessage): Promise<AnswerMessage>;
  onEvent(listener: (message: EventMessage) => void): () => void;
  /** Dropped or chosen files (folders too, in Electron) become grants. */
  grant(files: readonly File[]): Promise<Granted>;
}
