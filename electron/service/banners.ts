import type { Banner, PlainError } from '../contract.ts';

/** Messages that concern more than one photo. They stay until the reason is gone or the user puts them away. */
export class Banners {
  readonly #banners = new Map<string, Banner>();
  readonly #onChange: (banners: readonly Banner[]) => void;

  constructor(onChange: (banners: readonly Banner[]) => void) {
    this.#onChange = onChange;
  }

  get list(): Banner[] {
    return [...this.#banners.values()];
  }

  /** Shows a banner in the place of the one with the same id; without an error the id's banner goes. */
  set(id: string, error: PlainError | undefined, actions: Banner['actions'] = []): void {
    const before = this.#banners.get(id);
    if (!error && !before) return;
    if (error && before?.error.code === error.code && before.error.sentence === error.sentence) return;
    if (error) this.#banners.set(id, { id, error, actions });
    else this.#banners.delete(id);
    this.#onChange(this.list);
  }
}
