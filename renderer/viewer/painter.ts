import type { Region } from '../../electron/contract.ts';
import { deviceScale, originOf, type View } from './viewport.ts';

/** A bitmap to be drawn over a region of the photo. */
export interface Sprite {
  readonly image: CanvasImageSource;
  /** The part of the bitmap that shows `region`, in its own pixels. */
  readonly cut: Region;
  /** Where it belongs, source px. */
  readonly region: Region;
  /** 0…1; below 1 it is faded over what was drawn before. */
  readonly alpha: number;
  readonly smooth: boolean;
}

/** One pane ready to be painted; frame and clip in device px on the canvas. */
export interface PaneScene {
  readonly frame: Region;
  readonly clip: Region;
  readonly sprites: readonly Sprite[];
}

export interface Scene {
  readonly view: View;
  readonly surround: string;
  readonly line: string;
  readonly panes: readonly PaneScene[];
  /** Pixels of the canvas for one of the screen, along an edge: below 1 while painting in full is too slow to follow. */
  readonly resolution: number;
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * Draws a scene. Edges of tiles are rounded to whole pixels, the same value for both neighbours, so no background
 * shines through between them and none is drawn twice.
 */
export function paint(context: Context, scene: Scene): void {
  const { width, height } = context.canvas;
  context.globalAlpha = 1;
  context.fillStyle = scene.panes.length > 1 ? scene.line : scene.surround;
  context.fillRect(0, 0, width, height);
  for (const pane of scene.panes) paintPane(context, scene, pane);
  context.globalAlpha = 1;
}

function paintPane(context: Context, scene: Scene, pane: PaneScene): void {
  const { frame } = pane;
  const { resolution } = scene;
  const origin = originOf(scene.view, frame);
  const scale = deviceScale(scene.view);
  const left = (x: number) => Math.round((frame.x + origin.x + Math.round(x * scale)) * resolution);
  const top = (y: number) => Math.round((frame.y + origin.y + Math.round(y * scale)) * resolution);
  const clip = scaled(pane.clip, resolution);
  context.save();
  context.beginPath();
  context.rect(clip.x, clip.y, clip.width, clip.height);
  context.clip();
  context.globalAlpha = 1;
  context.fillStyle = scene.surround;
  context.fillRect(clip.x, clip.y, clip.width, clip.height);
  for (const sprite of pane.sprites) {
    const { region, cut } = sprite;
    const [x0, y0] = [left(region.x), top(region.y)];
    const [x1, y1] = [left(region.x + region.width), top(region.y + region.height)];
    if (x1 <= clip.x || y1 <= clip.y || x0 >= clip.x + clip.width || y0 >= clip.y + clip.height) continue;
    context.globalAlpha = sprite.alpha;
    context.imageSmoothingEnabled = sprite.smooth;
    context.imageSmoothingQuality = resolution < 1 ? 'low' : 'high';
    context.drawImage(
      sprite.image,
      cut.x,
      cut.y,
      cut.width,
      cut.height,
      x0,
      y0,
      Math.max(1, x1 - x0),
      Math.max(1, y1 - y0),
    );
  }
  context.restore();
}

/** A region of the screen on the canvas; both edges are rounded, so that neighbours still meet. */
function scaled({ x, y, width, height }: Region, by: number): Region {
  const [x0, y0] = [Math.round(x * by), Math.round(y * by)];
  return { x: x0, y: y0, width: Math.round((x + width) * by) - x0, height: Math.round((y + height) * by) - y0 };
}

/** Whether the screen shows more than sRGB; the canvas then keeps a wide-gamut photo's colours. */
export const canvasColorSpace = (): PredefinedColorSpace =>
  globalThis.matchMedia?.('(color-gamut: p3)').matches ? 'display-p3' : 'srgb';
