import type { Rectangle } from 'electron';

/** What fits the smallest layout of the page (800×600), and what shows the whole of it. */
export const SMALLEST = { width: 480, height: 400 };
export const USUAL = { width: 1280, height: 800 };

/** As much of a window must lie on a screen for a hand to find it, in device-independent pixels. */
const FINDABLE = { width: 120, height: 40 };

/**
 * Where to open the window: where it was, if that is still on a screen, at most as large as that screen.
 * @param areas the work areas of the screens there are now
 */
export function visibleBounds(
  remembered: Rectangle | undefined,
  areas: readonly Rectangle[],
): Rectangle | { width: number; height: number } {
  if (!remembered) return usualOn(areas[0]);
  const screen = areas.find((area) => {
    const width = Math.min(remembered.x + remembered.width, area.x + area.width) - Math.max(remembered.x, area.x);
    // The title bar is what one grabs: its top edge must be on the screen.
    const grabbable = remembered.y >= area.y && remembered.y + FINDABLE.height <= area.y + area.height;
    return width >= FINDABLE.width && grabbable;
  });
  if (!screen) return usualOn(areas[0]);
  const width = clamp(remembered.width, SMALLEST.width, screen.width);
  const height = clamp(remembered.height, SMALLEST.height, screen.height);
  return { x: remembered.x, y: remembered.y, width, height };
}

function usualOn(area: Rectangle | undefined): { width: number; height: number } {
  if (!area) return USUAL;
  return {
    width: Math.max(SMALLEST.width, Math.min(USUAL.width, area.width)),
    height: Math.max(SMALLEST.height, Math.min(USUAL.height, area.height)),
  };
}

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(value, high));
