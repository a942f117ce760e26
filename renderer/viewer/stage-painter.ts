import type { OpenedPhoto } from '../../electron/contract.ts';
import type { Pane } from './compare-layout.ts';
import { FramePace } from './frame-pace.ts';
import type { InventedOverlay } from './invented-overlay.ts';
import { canvasColorSpace, paint } from './painter.ts';
import { type PaneAnswer, paneSprites } from './pane-sprites.ts';
import type { TileStore } from './tile-store.ts';
import type { Size, View } from './viewport.ts';

/** Everything a frame of the viewer depends on. */
export interface StageScene {
  /** Null: only the surround. */
  readonly photo: OpenedPhoto | null;
  readonly panes: readonly Pane[];
  readonly view: View;
  /** Device px of the screen. */
  readonly size: Size;
  readonly blend: number;
  readonly preview: ImageBitmap | undefined;
  readonly squarePixels: boolean;
  /** How long a tile fades in, ms. */
  readonly fadeMs: number;
  readonly isOverlaid: boolean;
}

/** What the panes honestly show, in their order. */
export type PaneProgress = Pick<PaneAnswer, 'done' | 'total' | 'isApproximate'>;

/** Nothing has moved for so long: it is painted in full again, ms. */
const REST_MS = 120;
/** A pause so long makes what was found of the pace old: the machine may have been busy with something else, ms. */
const OLD_MS = 5000;

/** Paints the viewer's canvas: in full at rest, at half resolution while moving where in full is too slow. */
export class StagePainter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #store: TileStore;
  readonly #overlay: InventedOverlay;
  readonly #again: () => void;
  readonly #pace = new FramePace();
  #last: StageScene | undefined;
  #movedAt = Number.NEGATIVE_INFINITY;
  #restTimer: ReturnType<typeof setTimeout> | undefined;

  /** `again` asks for another frame: something still fades in, or has come to rest. */
  constructor(canvas: HTMLCanvasElement, store: TileStore, overlay: InventedOverlay, again: () => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d', { alpha: false, colorSpace: canvasColorSpace() })!;
    this.#store = store;
    this.#overlay = overlay;
    this.#again = again;
  }

  /** Paints, and says what is shown. `now` is `performance.now()`, `began` when the frame began. */
  draw(scene: StageScene, now: number, began: number): readonly PaneProgress[] {
    if (this.#isMovement(scene)) this.#moved(now, began);
    this.#last = scene;
    const resolution = now - this.#movedAt < REST_MS ? this.#pace.resolution : 1;
    this.#fit(scene.size, resolution);
    const { photo, panes, view, blend } = scene;
    const shown = panes.map((pane) => this.#pane(scene, pane, now));
    const style = getComputedStyle(document.documentElement);
    paint(this.#context, {
      ...{ view, resolution, surround: style.getPropertyValue('--surround'), line: style.getPropertyValue('--bg') },
      panes: panes.map((pane, index) => {
        const { sprites } = shown[index]!;
        const marks = photo && scene.isOverlaid ? this.#overlay.sprites(photo, pane.side, blend, view, pane.frame) : [];
        return { frame: pane.frame, clip: pane.clip, sprites: [...sprites, ...marks] };
      }),
    });
    if (shown.some((pane) => pane.isFading)) this.#again();
    return shown.map(({ done, total, isApproximate }) => ({ done, total, isApproximate }));
  }

  close(): void {
    clearTimeout(this.#restTimer);
  }

  #pane({ photo, ...scene }: StageScene, pane: Pane, now: number): PaneAnswer {
    if (!photo) return { sprites: [], done: 0, total: 0, isApproximate: false, isFading: false };
    const { view, blend, preview, squarePixels, fadeMs } = scene;
    const { side, frame } = pane;
    return paneSprites({
      ...{ photo, side, blend, view, pane: frame, store: this.#store, preview, squarePixels, now, fadeMs },
    });
  }

  /** The same photo in the same window, looked at otherwise. */
  #isMovement({ photo, size, view, blend, panes }: StageScene): boolean {
    const last = this.#last;
    if (last?.size.width !== size.width || last.size.height !== size.height) this.#pace.forget();
    if (!last || last.photo !== photo || last.size !== size) return false;
    return last.view !== view || last.blend !== blend || last.panes !== panes;
  }

  #moved(now: number, began: number): void {
    if (now - this.#movedAt > OLD_MS) this.#pace.forget();
    this.#movedAt = now;
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(this.#again, REST_MS + 10);
    requestAnimationFrame((next) => this.#pace.took(next - began));
  }

  /** A canvas of another size is an empty one: only when it must be. */
  #fit(size: Size, resolution: number): void {
    const width = Math.ceil(size.width * resolution);
    const height = Math.ceil(size.height * resolution);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
  }
}
