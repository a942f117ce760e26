import { describe, expect, test } from 'vitest';
import {
  clampView,
  deviceToSource,
  fitView,
  fitZoom,
  originOf,
  pan,
  sourceToDevice,
  stepZoom,
  visibleRegion,
  zoomAt,
} from '../../renderer/viewer/viewport.ts';

const photo = { width: 4000, height: 3000 };
const pane = { width: 976, height: 636 };

describe('the view', () => {
  test('fits the whole photo, and never enlarges beyond 100 %', () => {
    expect(fitZoom(photo, pane)).toBeCloseTo(636 / 12_000, 6);
    expect(fitZoom({ width: 20, height: 20 }, pane)).toBe(1);
    const region = visibleRegion(fitView(photo, pane), photo, pane);
    expect(region).toMatchObject({ x: 0, width: 4000 });
    expect(region.height).toBeCloseTo(3000, 0);
  });

  test('zooming keeps the source point under the pointer, to a device pixel', () => {
    let view = { center: { x: 1800, y: 1500 }, zoom: 0.5 };
    for (const pointer of [
      { x: 10, y: 600 },
      { x: 900, y: 20 },
      { x: 488, y: 318 },
    ])
      for (const zoom of [0.67, 1, 2, 8, 0.5]) {
        const beneath = deviceToSource(view, pane, pointer);
        view = zoomAt(view, photo, pane, pointer, zoom);
        const now = sourceToDevice(view, pane, beneath);
        expect(Math.abs(now.x - pointer.x)).toBeLessThanOrEqual(1);
        expect(Math.abs(now.y - pointer.y)).toBeLessThanOrEqual(1);
      }
  });

  test('never shows beyond an edge, and centres what is smaller than the pane', () => {
    const corner = clampView({ center: { x: 0, y: 0 }, zoom: 1 }, photo, pane);
    expect(corner.center).toEqual({ x: 976 / 8, y: 636 / 8 });
    const small = clampView({ center: { x: 0, y: 0 }, zoom: 1 }, { width: 100, height: 50 }, pane);
    expect(small.center).toEqual({ x: 50, y: 25 });
    expect(pan(corner, photo, pane, -500, -500).center).toEqual(corner.center);
    expect(pan(corner, photo, pane, 40, 8).center).toEqual({ x: corner.center.x + 10, y: corner.center.y + 2 });
  });

  test('the photo starts on a whole device pixel at every zoom', () => {
    for (const zoom of [0.0613, 0.33, 1, 1.37, 8]) {
      const { x, y } = originOf({ center: { x: 1234.567, y: 987.654 }, zoom }, pane);
      expect([x % 1, y % 1].map(Math.abs)).toEqual([0, 0]);
    }
  });

  test('the steps are those of the specification, with Fit among them', () => {
    const seen = [];
    for (let zoom = fitZoom(photo, pane); seen.length < 12; zoom = stepZoom(zoom, 1, photo, pane))
      seen.push(Math.round(zoom * 100));
    expect(seen).toEqual([5, 6, 12, 25, 33, 50, 67, 100, 150, 200, 400, 800]);
    expect(stepZoom(8, 1, photo, pane)).toBe(8);
    expect(stepZoom(0.06, -1, photo, pane)).toBeCloseTo(fitZoom(photo, pane), 6);
  });
});
