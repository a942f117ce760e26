import { i18n } from '../i18n/i18n.svelte.ts';
import type { Announcer } from './announcer.svelte.ts';
import type { Library } from './library.svelte.ts';
import type { Viewer } from './viewer.svelte.ts';

const KEY_REST_MS = 150;

/** The sentence under the slider: how much of the texture is made up. */
export function blendWords(value: number): string {
  const words = i18n.t.blend;
  if (value === 0) return words.wordsFaithful;
  return value < 40 ? words.wordsLittle : value < 70 ? words.wordsMixed : words.wordsMost;
}

/** The slider between moving (the viewer cross-fades) and resting (the exact tiles are made, the value is kept). */
export class BlendControl {
  readonly #library: Library;
  readonly #viewer: Viewer;
  readonly #announcer: Announcer;
  readonly #attempt: (work: () => Promise<void>) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isHeld = false;
  /** Whether the "most is invented" warning was said since the value last was below it. */
  #warned = false;

  /** `attempt` carries out what may be refused, and says so then. */
  constructor(library: Library, viewer: Viewer, announcer: Announcer, attempt: (work: () => Promise<void>) => void) {
    this.#library = library;
    this.#viewer = viewer;
    this.#announcer = announcer;
    this.#attempt = attempt;
    library.settleWith(() => this.settle());
  }

  /** The pointer is on the slider: it settles on release only. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Without a pointer nothing was held: the keys settle by themselves, once they rest. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (this.#viewer.liveBlend !== null) this.settle();
  }

  /** A new value that may not be the last one. */
  move(value: number): void {
    if (!this.#library.current) return;
    this.#viewer.liveBlend = Math.min(100, Math.max(0, Math.round(value)));
    clearTimeout(this.#timer);
    if (!this.#isHeld) this.#timer = setTimeout(() => this.settle(), KEY_REST_MS);
  }

  step(by: number): void {
    this.move(this.#viewer.blend + by);
  }

  /** Keeps the value and has the exact tiles made. */
  settle(): void {
    clearTimeout(this.#timer);
    const photo = this.#library.current;
    const value = this.#viewer.liveBlend;
    if (!photo || value === null) return;
    if (photo.blend !== value) this.#attempt(() => this.#library.setBlend([photo.id], value));
    this.#viewer.liveBlend = null;
    const warn = value >= 70 && !this.#warned;
    this.#warned = value >= 70;
    const said = i18n.t.blend.settledAnnounce(value);
    this.#announcer.say('blend', said);
    if (warn) this.#announcer.say('warning', i18n.t.blend.wordsMost);
    if (value < 70) this.#announcer.say('warning', '');
  }

  useAlbum(): void {
    const photo = this.#library.current;
    if (!photo || photo.blend === null) return;
    this.#viewer.liveBlend = null;
    this.#attempt(() => this.#library.setBlend([photo.id], null));
  }
}
