import { createContext } from 'svelte';
import type { Viewer } from '../state/viewer.svelte.ts';

/** Held longer than this, Before ends with the release; shorter, it was a tap and stays. */
const TAP_MS = 300;

/** Hold to see A, tap to keep it: one behaviour for the button and the keys. */
export class Before {
  readonly #viewer: Viewer;
  #pressedAt: number | null = null;
  #was = false;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  press(): void {
    if (this.#pressedAt !== null) return;
    this.#pressedAt = performance.now();
    this.#was = this.#viewer.before;
    this.#viewer.before = true;
  }

  release(): void {
    if (this.#pressedAt === null) return;
    const isTap = performance.now() - this.#pressedAt < TAP_MS;
    this.#pressedAt = null;
    this.#viewer.before = isTap ? !this.#was : false;
  }
}

export const [useBefore, provideBefore] = createContext<Before>();
