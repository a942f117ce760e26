import type { PhotoList } from './photo-list.ts';

/** What an undo brings back: own values of photos, and the album default where it changed. */
interface Step {
  readonly photos: ReadonlyMap<string, { readonly before: number | null; readonly after: number | null }>;
  readonly album?: { readonly before: number; readonly after: number };
}

/** Steps kept. */
const DEPTH = 100;

/** A blend for each photo, null to follow the album's, with undo and redo over both. */
export class Blends {
  readonly #photos: PhotoList;
  readonly #album: { get(): number; set(value: number): void };
  #done: Step[] = [];
  #undone: Step[] = [];

  constructor(photos: PhotoList, album: { get(): number; set(value: number): void }) {
    this.#photos = photos;
    this.#album = album;
  }

  /** The value that counts for a photo, 0…100. */
  of(id: string): number {
    return this.#photos.get(id).photo.blend ?? this.#album.get();
  }

  set(ids: readonly string[], value: number | null): void {
    const changes = ids
      .map((id) => [id, { before: this.#photos.get(id).photo.blend, after: value }] as const)
      .filter(([, { before }]) => before !== value);
    if (changes.length > 0) this.#do({ photos: new Map(changes) });
  }

  setAlbum(value: number): void {
    const before = this.#album.get();
    if (before !== value) this.#do({ photos: new Map(), album: { before, after: value } });
  }

  /** Takes the last change back; the photos it concerns, or null when there is none. */
  undo(): string[] | null {
    const step = this.#done.pop();
    if (!step) return null;
    this.#undone.push(step);
    return this.#apply(step, 'before');
  }

  redo(): string[] | null {
    const step = this.#undone.pop();
    if (!step) return null;
    this.#done.push(step);
    return this.#apply(step, 'after');
  }

  #do(step: Step): void {
    this.#done = [...this.#done.slice(1 - DEPTH), step];
    this.#undone = [];
    this.#apply(step, 'after');
  }

  #apply(step: Step, side: 'before' | 'after'): string[] {
    for (const [id, values] of step.photos) this.#photos.change(id, { blend: values[side] });
    if (step.album) this.#album.set(step.album[side]);
    return [...step.photos.keys()];
  }
}
