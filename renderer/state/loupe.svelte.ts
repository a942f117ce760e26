import type { Region } from '../../electron/contract.ts';
import type { Point, Size, View } from '../viewer/viewport.ts';
import { ENLARGEMENT } from '../viewer/viewport.ts';

/** The loupe's width and height, CSS px. */
export const LOUPE_EDGE = 240;

/** The magnifying glass: a square of the photo, larger, in both sides of the comparison. */
export class Loupe {
  isOpen = $state(false);
  /** Where it looks, source px. */
  at = $state.raw<Point>({ x: 0, y: 0 });
  zoom = $state<2 | 4>(2);

  get view(): View {
    return { center: this.at, zoom: this.zoom };
  }

  /** Opens at a point of the photo, or closes. */
  toggle(at: Point): void {
    this.isOpen = !this.isOpen;
    this.at = at;
  }

  moveTo(at: Point, photo: Size): void {
    const x = Math.min(photo.width, Math.max(0, at.x));
    const y = Math.min(photo.height, Math.max(0, at.y));
    this.at = { x, y };
  }

  /** What it shows, source px; may reach beyond the photo. @param pixelRatio device px a CSS px */
  region(pixelRatio: number): Region {
    const edge = (LOUPE_EDGE * pixelRatio) / (this.zoom * ENLARGEMENT);
    return { x: this.at.x - edge / 2, y: this.at.y - edge / 2, width: edge, height: edge };
  }
}
