import type { FindingCode, PlainError } from '../../electron/contract.ts';
import { bytesIn } from './bytes.ts';

type ErrorCode = PlainError['code'];
type ErrorParams = NonNullable<PlainError['params']>;

const formatNumber = (n: number, digits = 0): string =>
  n.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const bytes = (count: string | number): string => bytesIn(formatNumber, Number(count));
const plural = (n: number, one: string, many: string): string => (n === 1 ? one : many);

/** Every word of the interface. The other languages have this very type, so a missing sentence does not compile. */
export const english = {
  tag: 'en',
  /** The way it is written: the page mirrors by it. */
  direction: 'ltr' as 'ltr' | 'rtl',
  ownName: 'English',
  appName: 'Fourfold',
  formatNumber,
  /** Sentences that follow one another. */
  sentences: (all: readonly string[]): string => all.join(' '),
  percent: (n: number): string => `${n} %`,
  duration: (seconds: number): string =>
    seconds < 60
      ? `${Math.max(1, Math.round(seconds))} s`
      : seconds < 3600
        ? `${Math.round(seconds / 60)} min`
        : `${Math.round(seconds / 360) / 10} h`,

  close: 'Close',
  cancel: 'Cancel',
  details: 'Details',
  retry: 'Retry',
  showFile: 'Show file',
  dismiss: 'Dismiss',
  download: 'Download',

  regions: {
    toolbar: 'Toolbar',
    panel: 'Blend and export',
    filmstrip: 'Photos',
    status: 'Status',
    album: 'Album',
  },

  empty: {
    title: 'Drop photos or a folder',
    openPhotos: 'Open photos',
    openFolder: 'Open folder',
    formats: 'JPEG, PNG, WebP, TIFF, AVIF, GIF',
    privacy: 'Photos stay on this computer',
    recent: 'Recent',
    dropNow: 'Let go to open',
    reading: 'Reading the photos…',
    nothingFound: 'No photo was found in what was opened.',
    promise: 'Four times larger in each direction. See it before you wait for it.',
  },

  toolbar: {
    open: 'Open',
    folder: 'Folder',
    modes: 'Compare',
    single: 'Single',
    split: 'Split',
    side: 'Side by side',
    four: 'Four-way',
    before: 'Before',
    beforeHint: 'Hold to see the photo before; a tap keeps it',
    loupe: 'Loupe',
    zoom: 'Zoom',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Fit',
    settings: 'Settings',
    shortcuts: 'Keyboard shortcuts',
    panel: 'Panel',
    viewPhoto: 'Photo',
    viewAlbum: 'Album',
    view: 'View',
    undo: 'Undo blend',
    redo: 'Redo blend',
  },

  sides: {
    original: 'Original',
    bicubic: 'Bicubic',
    faithful: 'Faithful',
    crisp: 'Crisp',
    blend: 'Blend',
  },

  viewer: {
    role: 'photo viewer',
    label: (name: string, mode: string, zoom: string) => `${name}, ${mode}, ${zoom}`,
    labelEmpty: 'No photo is open',
    zoomPercent: (percent: string) => `${percent} percent`,
    blendPane: (blend: number) => `Blend ${blend}`,
    bicubicEnhancing: 'Bicubic, enhancing',
    bicubicOnly: 'Bicubic, not enhanced yet',
    enhancePart: (side: string) => `${side}, enhancing`,
    approximate: 'approximate',
    sideA: 'Side A',
    sideB: 'Side B',
    splitPosition: 'Split position',
    splitValue: (before: number) => `Before ${before}, after ${100 - before} percent`,
    splitRail: 'Move the split',
    rotateSplit: 'Turn the split',
    navigator: 'Navigator: click to centre there',
    enhanceView: (time: string) => `Enhance this view (about ${time})`,
    enhanceViewShort: 'Enhance this view',
    progress: (done: number, total: number, time: string) => `${done} of ${total} tiles${time ? `, ${time}` : ''}`,
    settled: 'All of this view is enhanced',
    zoomInToEnhance: 'Nothing new is visible below 25 %',
    opening: (name: string) => `Opening ${name}`,
    loupe: 'Loupe',
    loupeZoom: (percent: number) => `Loupe ${percent} %`,
    dimensions: (w: number, h: number, ow: number, oh: number) => `${w} × ${h} → ${ow} × ${oh} px`,
  },

  blend: {
    title: 'Blend',
    number: 'Blend, 0 to 100',
    less: 'Less crisp',
    more: 'More crisp',
    meaning: 'How far the network stands between Faithful and Crisp. It is not a quality score or a measure of truth.',
    valueText: (n: number): string =>
      n === 0
        ? '0, Faithful'
        : n === 100
          ? '100, Crisp'
          : n === 50
            ? '50, half Faithful, half Crisp'
            : `${n}, ${100 - n} percent Faithful, ${n} percent Crisp`,
    wordsFaithful: 'Faithful. Smooth where the photo holds no detail.',
    wordsLittle: 'Adds a little invented texture.',
    wordsMixed: 'Mixes in invented texture.',
    wordsMost: 'Most fine texture is invented. Do not rely on faces, text or evidence.',
    wordsAlways: 'No setting recovers what the camera did not record.',
    album: (n: number) => `Album: ${n}`,
    own: 'Own',
    useAlbum: 'Use album value',
    albumDefault: 'Album default',
    applyTo: (n: number, photos: number) => `Apply blend ${n} to ${photos} ${plural(photos, 'photo', 'photos')}`,
    settledAnnounce: (n: number) => `Blend ${n}`,
  },

  overlay: {
    title: 'Show invented detail',
    legendSome: 'differs by 4 levels or more',
    legendMuch: 'differs by 12 or more',
    share: (percent: number) => `${percent} % of this view differs from Faithful by over 4 levels`,
    none: 'Nothing in this view differs from Faithful',
    caption: 'Faithful can be wrong too.',
    unknown: 'not known yet',
    disagreement: (levels: string) => `Shrunk back to size it differs from the photo by ${levels} levels on average`,
  },

  export: {
    title: 'Export',
    format: 'Format',
    same: 'Same as the photo',
    formats: { jpeg: 'JPEG', png: 'PNG', tiff: 'TIFF, 8 bit', tiff16: 'TIFF, 16 bit', webp: 'WebP', avif: 'AVIF' },
    quality: 'Quality',
    size: 'Size',
    times: (n: number) => `${n}×`,
    longEdge: 'Long edge',
    longEdgePixels: 'Long edge in pixels',
    print: 'Print',
    printWidth: 'Long edge in cm',
    centimetres: 'cm',
    printDpi: 'dpi',
    sizeResult: (w: number, h: number) => `${w} × ${h} px`,
    name: 'Name',
    nameHint: 'Fields: {name} {blend} {date} {n} {w} {h}',
    examples: 'Examples',
    forbidden: (character: string) => `“${character}” is not allowed in a name`,
    emptyName: 'The name is empty',
    destination: 'Save to',
    besideSource: 'Beside the photo',
    hostFolder: 'The exports folder',
    folder: 'A folder…',
    chooseFolder: 'Choose folder',
    ifExists: 'If the name exists',
    addNumber: 'Add number',
    skip: 'Skip',
    replace: 'Replace',
    replaceTitle: 'Replace files?',
    replaceConfirm: 'Files with the same name will be replaced. Your originals never are.',
    metadata: 'Metadata',
    keepAll: 'Keep',
    noLocation: 'Remove location',
    removeAll: 'Remove all',
    provenance: 'Note AI enhancement',
    more: 'More options',
    estimateTime: (time: string) => `about ${time}`,
    estimateCached: (percent: number) => `${percent} % already enhanced`,
    estimateFile: (size: string, rough: boolean) => (rough ? `${size} (rough)` : size),
    estimateDisk: (size: string) => `${size} free`,
    estimates: 'Estimates',
    time: 'Time',
    file: 'File',
    memory: 'Memory',
    disk: 'Disk',
    exportPhoto: 'Export',
    exportAlbum: 'Export album',
    exporting: (percent: number) => `Exporting, ${percent} %`,
    done: (name: string) => `Saved ${name}`,
    skipped: (name: string) => `Skipped: ${name} exists`,
    cancelled: 'Export cancelled. Nothing was written.',
    stages: {
      decode: 'Reading the photo',
      network: 'Enhancing',
      encode: 'Writing the file',
      verify: 'Checking the file',
      place: 'Giving it its name',
    },
    noPhoto: 'Open a photo first',
    notReady: 'This file cannot be enlarged',
  },

  filmstrip: {
    option: (name: string, state: string, blend: string) => `${name}, ${state}, ${blend}`,
    selected: (n: number) => `${n} selected`,
    remove: 'Remove',
    removeHint: 'Takes the selected photos off this list. Their files stay.',
    selectAll: 'Select all',
  },

  states: {
    waiting: 'Waiting',
    running: 'Running',
    paused: 'Paused',
    done: 'Done',
    skipped: 'Skipped',
    failed: 'Failed',
    cancelled: 'Cancelled',
    idle: 'Not exported',
  },

  album: {
    title: 'Album',
    columns: {
      thumbnail: 'Picture',
      name: 'Name',
      size: 'Size',
      blend: 'Blend',
      state: 'State',
      progress: 'Progress',
      action: 'Action',
    },
    total: 'Total',
    size: (w: number, h: number) => `${w} × ${h}`,
    add: 'Add photos',
    pause: 'Pause',
    resume: 'Resume',
    cancelAll: 'Cancel',
    clear: 'Clear list',
    clearHint: 'Takes the ended photos off this list. Finished files stay.',
    retryFailed: 'Retry failed',
    failures: 'Failures',
    toFailures: (n: number) => `${n} failed, show the list`,
    copyList: 'Copy list',
    copied: 'Copied',
    copiedAnnounce: (n: number) => `${n} ${plural(n, 'failure', 'failures')} copied`,
    copyRefused: 'The list could not be copied. Nothing was changed. Select it below and copy it by hand.',
    view: (name: string) => `View ${name}`,
    cancelOne: (name: string) => `Cancel ${name}`,
    retryOne: (name: string) => `Retry ${name}`,
    showOne: (name: string) => `Show ${name}`,
    progressOf: (name: string) => `Progress of ${name}`,
    recovery: (done: number, total: number, inOrder: boolean): string =>
      `${inOrder ? 'The album was paused when Fourfold was closed.' : 'Fourfold closed unexpectedly.'} ${done} of ${total} photos are done and verified.`,
    showList: 'Show list',
    discard: 'Discard queue',
    summary: (done: number, total: number) => `Album ${done}/${total}`,
    eta: (time: string) => `about ${time}`,
    finished: (done: number, failed: number) =>
      failed ? `Album finished: ${done} done, ${failed} failed` : `Album finished: ${done} done`,
    nothing: 'The album is empty. Open photos or a folder, then export the album.',
  },

  settings: {
    title: 'Settings',
    device: 'Device',
    deviceAuto: 'Choose the fastest',
    precision: 'Precision',
    precisionAuto: 'Automatic',
    albumDefault: 'Blend for new photos',
    memoryLimit: 'Memory for pictures on screen, MiB',
    cacheLimit: 'Disk for enhanced tiles, MiB',
    clearCache: 'Clear cache',
    cacheCleared: 'Cleared',
    wheel: 'Mouse wheel',
    wheelZoom: 'Zooms',
    wheelPan: 'Pans',
    squarePixels: 'Square pixels from 200 %',
    theme: 'Theme',
    themeSystem: 'As the system',
    themeLight: 'Light',
    themeDark: 'Dark',
    language: 'Language',
    languageSystem: 'As the system',
    singleKeys: 'Single-key shortcuts',
    notifications: 'Notify when an album is done',
    keepAwake: 'Keep the computer awake while an album runs',
    privacy: 'Fourfold sends nothing.',
    groups: { viewing: 'Viewing', engine: 'Engine', app: 'Application', keys: 'Shortcuts' },
    remap: (action: string) => `Change the key for ${action}`,
    pressKey: 'Press a key',
    keyUsed: (key: string, action: string) => `${key} is the key for “${action}”. Nothing was changed. Choose another.`,
    resetKeys: 'Standard keys',
    about: (version: string) =>
      `Fourfold ${version}. SRResNet (Faithful) and SRGAN (Crisp), trained by Fourfold from scratch.`,
  },

  device: {
    title: 'Device',
    measuring: 'Measuring',
    chip: (kind: string, rate: string) => `${kind} · ${rate}`,
    rate: (kilo: string) => `${kilo}k px/s`,
    warning: (kind: string, fault: string) => `${kind}, ${fault}`,
    faults: {
      gpuFailed: 'GPU failed',
      restarted: 'stopped once',
      memory: 'memory ran out',
      wrong: 'wrong result',
      unavailable: 'not what was chosen',
      model: 'no model',
      engine: 'engine stopped',
      other: 'problem',
    },
    running: 'Running on',
    provider: 'Provider',
    speed: 'Speed',
    speedUnknown: 'not measured yet',
    memory: 'Memory',
    precision: 'Precision',
    why: 'Why',
    change: 'Change',
    test: 'Test',
    testing: 'Testing…',
    works: (device: string, speed: string) => `${device} works: ${speed}`,
    unavailable: 'not available',
    label: (chip: string) => `Device: ${chip}`,
    kinds: { cpu: 'CPU', webgpu: 'GPU', cuda: 'CUDA', dml: 'DirectML', coreml: 'Core ML', auto: 'Automatic' },
  },

  shortcuts: {
    title: 'Keyboard shortcuts',
    note: 'Single keys act while the viewer or the filmstrip has the focus.',
    actions: {
      open: 'Open photos',
      openFolder: 'Open a folder',
      export: 'Export the photo',
      exportAlbum: 'Export the album',
      settings: 'Settings',
      shortcuts: 'Keyboard shortcuts',
      undo: 'Undo blend',
      redo: 'Redo blend',
      nextRegion: 'Next region',
      previousRegion: 'Previous region',
      panLeft: 'Pan left',
      panRight: 'Pan right',
      panUp: 'Pan up',
      panDown: 'Pan down',
      pageLeft: 'Pan a page left',
      pageRight: 'Pan a page right',
      pageUp: 'Pan a page up',
      pageDown: 'Pan a page down',
      zoomIn: 'Zoom in',
      zoomOut: 'Zoom out',
      fit: 'Fit',
      actual: '100 %',
      double: '200 %',
      toggleFit: 'Fit or 100 %',
      previousPhoto: 'Previous photo',
      nextPhoto: 'Next photo',
      single: 'Single',
      split: 'Split',
      side: 'Side by side',
      four: 'Four-way',
      before: 'Before (hold, or tap)',
      splitLess: 'Split back by 5',
      splitMore: 'Split on by 5',
      splitLessFine: 'Split back by 1',
      splitMoreFine: 'Split on by 1',
      blendLess: 'Blend down by 1',
      blendMore: 'Blend up by 1',
      blendLessCoarse: 'Blend down by 10',
      blendMoreCoarse: 'Blend up by 10',
      useAlbum: 'Use album value',
      loupe: 'Loupe',
      overlay: 'Invented detail',
      enhanceView: 'Enhance this view',
      escape: 'Close loupe or dialog',
    },
  },

  notes: {
    'first-frame-only': 'Only the first picture of this file is used.',
    'cmyk-to-srgb': 'The colours were converted from CMYK to sRGB.',
    'source-damaged': 'Parts of this photo are damaged. It was not changed. Check the result.',
    'depth-reduced': 'The colours are reduced to 8 bits a channel.',
    'alpha-dropped': 'The transparency is not kept by this format.',
    'metadata-unreadable': 'The metadata could not be read and is not copied.',
  } as Readonly<Record<string, string>>,

  /** What was found out about a device; null: the service says it in this very language. */
  findings: null as Readonly<Record<FindingCode, (params: ErrorParams) => string>> | null,

  continueOnCpu: 'Continue on CPU',
  retryOnCpu: 'Retry on CPU',
  reload: 'Reload',
  locate: 'Locate',

  errors: {
    'not-a-picture': () =>
      'This file is not a picture Fourfold can read. It was not changed. Convert it to JPEG, PNG or TIFF.',
    'codec-missing': () => 'This HEIC photo uses a codec not included. It was not changed. Export it as JPEG.',
    truncated: () => 'This photo is cut short. It was not changed. Copy it again from the camera.',
    damaged: () => 'Parts of this photo are damaged. It was not changed. Check the result.',
    'too-many-pixels': (p) =>
      `This photo exceeds the ${p.limit ?? ''}${p.limit ? '-megapixel' : 'size'} limit. It was not changed. Crop or reduce it.`,
    'source-missing': () => 'The photo has moved. Your settings are kept. Locate it.',
    'source-changed': () => 'The photo changed while being read. No output was saved. Retry.',
    'source-unreadable': () => 'No permission to read this file. Nothing changed. Allow access, then Retry.',
    'target-unwritable': () => 'Cannot write to this folder. Finished work is kept. Choose another.',
    // With what is missing nothing was begun; with what it needs it is about one photo; without either, about the disk.
    'disk-full': (p) =>
      p.missing !== undefined
        ? `The disk is too full for this. Nothing started. Free ${bytes(p.missing)}.`
        : p.needed !== undefined
          ? `The disk is too full: this needs ${bytes(p.needed)}${p.free === undefined ? '' : ` and ${bytes(p.free)} are free`}. Nothing was written. Free space, then Retry.`
          : 'The disk is full. Finished files are intact; nothing half written was left. Free space, then Resume.',
    'drive-gone': () => 'The drive was disconnected. Finished files are intact. Reconnect, then Resume.',
    'target-exists': () => 'A file with this name exists. It was not touched. Choose Add number, Skip or Replace.',
    'target-is-source': () => 'The output would replace your original. Nothing was written. Choose another name.',
    'name-too-long': () => 'The name is too long for this disk. Nothing was written. Shorten the template.',
    'name-forbidden': (p) =>
      p.character
        ? `The template contains a forbidden character: “${p.character}”. Nothing was written. Remove it.`
        : 'The name has a character that this disk forbids. Nothing was written. Choose another name or disk.',
    'format-limit': (p) =>
      `The picture is too large for ${p.format ?? 'this format'}${p.limit && p.edge ? `: it stops at ${formatNumber(Number(p.limit))} px, this one would be ${formatNumber(Number(p.edge))}` : ''}. Nothing was written. Choose ${p.formats ? `${p.formats}, or ` : ''}a smaller size.`,
    'memory-short': (p) =>
      p.needed !== undefined && p.free !== undefined
        ? `This needs ${bytes(p.needed)} of memory; ${bytes(p.free)} are free. Nothing started. Choose a smaller size or close programs.`
        : 'There is too little free memory. Nothing started. Choose a smaller size or close programs.',
    'device-memory': () =>
      'The graphics memory ran out. Finished tiles are kept. Fourfold continues with smaller tiles; nothing to do.',
    'device-lost': () => 'The graphics device stopped. Finished tiles are kept. Continue on CPU (slower) or Retry.',
    'device-unavailable': (p) =>
      `${p.device ?? 'This device'} cannot be used here. Nothing was changed. Choose another device.`,
    'result-wrong': () => 'The result looked wrong (black or shifted). It was not saved. Retry on CPU.',
    'engine-stopped': () =>
      'The engine stopped and was restarted. Finished tiles are kept. Retry; if repeated, skip this photo.',
    'engine-unavailable': () =>
      'The engine could not be started. No photo was changed. Start Fourfold again; reinstall it if that does not help.',
    'model-altered': () => 'A model file is missing or altered. Your photos are safe. Reinstall Fourfold.',
    'settings-unreadable': () =>
      'Settings could not be read. The old file was kept as settings.bad; defaults apply. Check Settings.',
    'queue-in-use': () => 'Another Fourfold is using this queue. Nothing was changed. Switch to it.',
    'connection-lost': () =>
      'The connection to Fourfold was lost. Saved photos are intact. Check that Fourfold is running, then Reload.',
    cancelled: () => 'Stopped. Nothing half written was left. Start again when you like.',
    'wrong-use': () => 'That is not possible here. Nothing was changed.',
    'not-granted': () => 'Fourfold was not given this file. Nothing was read. Open it through the Open button.',
    unexpected: () =>
      'Something unexpected went wrong. The photo was not changed. Try again, and report it if it repeats.',
  } as Record<ErrorCode, (params: ErrorParams) => string>,
};

export type Catalogue = typeof english;
