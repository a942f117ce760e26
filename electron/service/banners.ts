import type { Banner, PlainError } from '../contract.ts';
import { withoutFolder } from './without-folder.ts';

/** Messages that concern more than one photo. They stay until the reason is gone or the user puts them away. */
export class Banners {
  readonly #banners = new Map<string, Banner>();
  /** What `follow` was told last, shown or put away. */
  readonly #followed = new Map<string, PlainError>();
  readonly #onChange: (banners: readonly Banner[]) => void;

  constructor(onChange: (banners: readonly Banner[]) => void) {
    this.#onChange = onChange;
  }

  get list(): Banner[] {
    return [...this.#banners.values()];
  }

  /**
   * The error of a state that lasts, or none. However often one object is told, it is shown once: put away, it stays away
   * until the state fails anew.
   */
  follow(id: string, error: PlainError | undefined, actions: Banner['actions'] = []): void {
    if (this.#followed.get(id) === error) return;
    if (error) this.#followed.set(id, error);
    else this.#followed.delete(id);
    this.set(id, error, actions);
  }

  /** Shows a banner in the place of the one with the same id; without an error the id's banner goes. */
  set(id: string, error: PlainError | undefined, actions: Banner['actions'] = []): void {
    if (saysTheSame(this.#banners.get(id)?.error, error)) return;
    if (error) this.#banners.set(id, { id, error: withoutFolder(error), actions });
    else this.#banners.delete(id);
    this.#onChange(this.list);
  }
}

function saysTheSame(one: PlainError | undefined, other: PlainError | undefined): boolean {
  return one?.code === other?.code && one?.sentence === other?.sentence;
}
