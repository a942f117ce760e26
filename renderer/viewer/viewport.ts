import type { Region } from '../../electron/contract.ts';

/** Output pixels in a source pixel, along one edge: the enlargement itself. */
export const ENLARGEMENT = 4;

/** The zoom steps; 1 = one output pixel on one device pixel. */
export const ZOOM_STEPS: readonly number[] = [0.06, 0.12, 0.25, 0.33, 0.5, 0.67, 1, 1.5, 2, 4, 8];

const MAX_ZOOM = 8;

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Where one looks: `center` in source pixels (0…width, 0…height), `zoom` in device pixels for one output pixel.
 * Every pane of a comparison shares it, so panes differ in size only and stay locked by construction.
 */
export interface View {
  readonly center: Point;
  readonly zoom: number;
}

/** Device pixels for one source pixel. */
export const deviceScale = (view: View): number => view.zoom * ENLARGEMENT;

/** The zoom at which the whole photo is seen, never above 100 %. `pane` in device px. */
export function fitZoom(photo: Size, pane: Size): number {
  const scale = Math.min(pane.width / photo.width, pane.height / photo.height) / ENLARGEMENT;
  return Math.max(0.0005, Math.min(1, scale));
}

export const fitView = (photo: Size, pane: Size): View => ({
  center: { x: photo.width / 2, y: photo.height / 2 },
  zoom: fitZoom(photo, pane),
});

/** Smallest zoom allowed: half of fit, or the lowest step if that is smaller. */
export const minZoom = (photo: Size, pane: Size): number => Math.min(ZOOM_STEPS[0]!, fitZoom(photo, pane));

export const clampZoom = (zoom: number, photo: Size, pane: Size): number =>
  Math.min(MAX_ZOOM, Math.max(minZoom(photo, pane), zoom));

/** Keeps the photo in sight: centred where it is smaller than the pane, else without showing beyond its edges. */
export function clampView(view: View, photo: Size, pane: Size): View {
  const zoom = clampZoom(view.zoom, photo, pane);
  const scale = zoom * ENLARGEMENT;
  const along = (center: number, length: number, window: number): number => {
    const half = window / scale / 2;
    return half * 2 >= length ? length / 2 : Math.min(length - half, Math.max(half, center));
  };
  return {
    zoom,
    center: {
      x: along(view.center.x, photo.width, pane.width),
      y: along(view.center.y, photo.height, pane.height),
    },
  };
}

/**
 * The photo's top left corner in device px of a pane, rounded: on a whole device pixel at every zoom, so that at 100 %
 * an output pixel is a device pixel and neighbouring tiles share their edges.
 */
export function originOf(view: View, pane: Size): Point {
  const scale = deviceScale(view);
  return {
    x: Math.round(pane.width / 2 - view.center.x * scale),
    y: Math.round(pane.height / 2 - view.center.y * scale),
  };
}

export function sourceToDevice(view: View, pane: Size, point: Point): Point {
  const origin = originOf(view, pane);
  const scale = deviceScale(view);
  return { x: origin.x + point.x * scale, y: origin.y + point.y * scale };
}

export function deviceToSource(view: View, pane: Size, point: Point): Point {
  const origin = originOf(view, pane);
  const scale = deviceScale(view);
  return { x: (point.x - origin.x) / scale, y: (point.y - origin.y) / scale };
}

/** Zooms so that the source point under `pointer` (device px in the pane) stays under it. */
export function zoomAt(view: View, photo: Size, pane: Size, pointer: Point, zoom: number): View {
  const next = clampZoom(zoom, photo, pane);
  const fixed = deviceToSource(view, pane, pointer);
  const scale = next * ENLARGEMENT;
  const center = {
    x: fixed.x + (pane.width / 2 - pointer.x) / scale,
    y: fixed.y + (pane.height / 2 - pointer.y) / scale,
  };
  return clampView({ center, zoom: next }, photo, pane);
}

/** Moves the window over the photo by device pixels. */
export function pan(view: View, photo: Size, pane: Size, dx: number, dy: number): View {
  const scale = deviceScale(view);
  return clampView(
    { zoom: view.zoom, center: { x: view.center.x + dx / scale, y: view.center.y + dy / scale } },
    photo,
    pane,
  );
}

/** The next step above or below; Fit counts as a step so one can always come back to it. */
export function stepZoom(zoom: number, direction: 1 | -1, photo: Size, pane: Size): number {
  const near = 1.005;
  const steps = [...ZOOM_STEPS, fitZoom(photo, pane)].sort((a, b) => a - b);
  const next =
    direction > 0 ? steps.find((step) => step > zoom * near) : steps.reverse().find((step) => step < zoom / near);
  return clampZoom(next ?? zoom, photo, pane);
}

/** The part of the photo the pane shows, in source px, cut to the photo; may be empty. */
export function visibleRegion(view: View, photo: Size, pane: Size): Region {
  const from = deviceToSource(view, pane, { x: 0, y: 0 });
  const to = deviceToSource(view, pane, { x: pane.width, y: pane.height });
  const x = Math.max(0, from.x);
  const y = Math.max(0, from.y);
  return {
    x,
    y,
    width: Math.max(0, Math.min(photo.width, to.x) - x),
    height: Math.max(0, Math.min(photo.height, to.y) - y),
  };
}
