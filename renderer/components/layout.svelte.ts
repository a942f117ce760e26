import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

/** What fits: in em, so that enlarged text changes the layout as a smaller window does. */
export class Layout {
  readonly #narrow = new MediaQuery('(max-width: 56em)');
  readonly #reduced = new MediaQuery('(prefers-reduced-motion: reduce)');

  /** The panel becomes a drawer. */
  get isNarrow(): boolean {
    return this.#narrow.current;
  }

  get isStill(): boolean {
    return this.#reduced.current;
  }
}

export const [useLayout, provideLayout] = createContext<Layout>();
